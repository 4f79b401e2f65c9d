// Package importer_test builds and tests testdata as another module that imports this one.
package importer_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	// The child process builds these: a change of them invalidates the cached result.
	_ "github.com/xiexus/xiexus-go"
	_ "github.com/xiexus/xiexus-go/gen"
	_ "github.com/xiexus/xiexus-go/xiexustest"
)

const module = "github.com/xiexus/xiexus-go"

func TestAnotherModule_BuildsAndPassesItsTests(t *testing.T) {
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata")))
	// The versions of our go.mod are there already: finding them again could need the network.
	goMod := strings.Replace(readFile(t, filepath.Join(checkout, "go.mod")), module, "example.com/studio", 1)
	goMod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", module, module, checkout)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(goMod), 0o600))
	sums := readFile(t, filepath.Join(checkout, "go.sum"))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), []byte(sums), 0o600))

	for _, args := range [][]string{{"vet", "./..."}, {"test", "-vet=off", "./..."}} {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir = dir
		command.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		output, err := command.CombinedOutput()
		require.NoError(t, err, "go %s:\n%s", strings.Join(args, " "), output)
	}
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(content)
}

// implicit are methods that callers do not call by name.
var implicit = []string{"Error", "Format", "Is", "LogValue", "MarshalJSON", "ReadAt", "ServeHTTP", "UnmarshalJSON", "Unwrap"}

// recorded matches what an importer can name in a line of docs/api, unless it comes from the
// OpenAPI document: that may change by itself.
var recorded = regexp.MustCompile(`^(?:const|var|func|field \w+\.|method \(\*?\w+\) |type)\s*(\w+)`)

func TestAnotherModule_UsesEveryPublicFeature(t *testing.T) {
	used := namesIn(t, "testdata")
	for _, name := range []string{"xiexus.txt", "xiexustest.txt"} {
		for line := range strings.Lines(readFile(t, filepath.Join("..", "..", "docs", "api", name))) {
			match := recorded.FindStringSubmatch(line)
			require.NotNil(t, match, line)
			isType := strings.HasPrefix(line, "type ") // mostly used without its name
			if isType || strings.Contains(line, " gen.") || strings.HasSuffix(line, " embedded\n") || slices.Contains(implicit, match[1]) {
				continue
			}
			require.True(t, used[match[1]], "use it in internal/importer/testdata: %s", line)
		}
	}
}

// namesIn returns the names that the Go files of a directory select or set in a literal.
func namesIn(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	names := map[string]bool{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.SelectorExpr:
				names[node.Sel.Name] = true
			case *ast.KeyValueExpr:
				if key, ok := node.Key.(*ast.Ident); ok {
					names[key.Name] = true
				}
			}
			return true
		})
	}
	return names
}
