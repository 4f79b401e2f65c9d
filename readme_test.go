package xiexus_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	codeBlock = regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$")
	heading   = regexp.MustCompile(`(?m)^#+ `)
)

func TestREADME_TranslationHasTheSameHeadingsAndCode(t *testing.T) {
	english, chinese := readFile(t, "README.md"), readFile(t, "README.zh-CN.md")
	require.Equal(t, codeBlock.FindAllString(english, -1), codeBlock.FindAllString(chinese, -1))
	withoutCode := func(text string) string { return codeBlock.ReplaceAllString(text, "") }
	require.Equal(t, heading.FindAllString(withoutCode(english), -1), heading.FindAllString(withoutCode(chinese), -1))
}

// Each Go block is compiled: a block that declares functions as a file, any other as
// the body of a function.
func TestREADME_CodeCompiles(t *testing.T) {
	root, err := os.Getwd()
	require.NoError(t, err)
	overlay := map[string]string{} // files that are not on disk, and what they contain
	for i, block := range codeBlock.FindAllStringSubmatch(readFile(t, "README.md"), -1) {
		if block[1] != "go" {
			continue
		}
		content := filepath.Join(t.TempDir(), "block.go")
		require.NoError(t, os.WriteFile(content, []byte(asFile(block[2])), 0o600))
		overlay[filepath.Join(root, "internal", "readme", fmt.Sprintf("block%d", i), "block.go")] = content
	}
	require.GreaterOrEqual(t, len(overlay), 6)

	encoded, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	overlayFile := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(overlayFile, encoded, 0o600))
	args := []string{"build", "-overlay", overlayFile}
	for file := range overlay {
		folder, err := filepath.Rel(root, filepath.Dir(file))
		require.NoError(t, err)
		args = append(args, "./"+filepath.ToSlash(folder))
	}
	output, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput()
	require.NoError(t, err, "%s", output)
}

// Each recipe of the README is part of an example.
func TestREADME_RecipesAreExamples(t *testing.T) {
	_, recipes, found := strings.Cut(readFile(t, "README.md"), "\n## Recipes\n")
	require.True(t, found)
	recipes, _, _ = strings.Cut(recipes, "\n## ")
	files, err := filepath.Glob("example_*_test.go")
	require.NoError(t, err)
	var examples strings.Builder
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		examples.Write(content)
	}
	blocks := codeBlock.FindAllStringSubmatch(recipes, -1)
	require.GreaterOrEqual(t, len(blocks), 4)
	for _, block := range blocks {
		require.Contains(t, examples.String(), block[2])
	}
}

// imports are the packages that the README uses, by name.
var imports = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "http": "net/http", "iter": "iter", "json": "encoding/json",
	"log": "log", "maps": "maps", "slices": "slices", "testing": "testing", "synctest": "testing/synctest", "time": "time",
	"xiexus":     "github.com/xiexus/xiexus-go",
	"xiexustest": "github.com/xiexus/xiexus-go/xiexustest",
}

// asFile completes a block to a Go file. Names that a block uses and does not declare
// become parameters.
func asFile(block string) string {
	if !regexp.MustCompile(`(?m)^(func|type) `).MatchString(block) {
		var parameters []string
		for _, parameter := range []string{"ctx context.Context", "client *xiexus.Client", "task *xiexus.Task"} {
			name, _, _ := strings.Cut(parameter, " ")
			declared := regexp.MustCompile(`(?m)^(for )?(\w+, )*` + name + `(, \w+)* :=`).MatchString(block)
			if uses(block, name) && !declared {
				parameters = append(parameters, parameter)
			}
		}
		if !regexp.MustCompile(`\nreturn .*\n$`).MatchString(block) {
			block += "return nil\n"
		}
		block = fmt.Sprintf("func example(%s) error {\n%s\n}\n\nvar _ = example\n", strings.Join(parameters, ", "), block)
	}
	var lines []string
	for name, path := range imports {
		if uses(block, name+`\.`) {
			lines = append(lines, fmt.Sprintf("%s %q", name, path))
		}
	}
	return fmt.Sprintf("package readme\n\nimport (\n%s\n)\n\n%s", strings.Join(lines, "\n"), block)
}

func uses(code, name string) bool { return regexp.MustCompile(`\b` + name + `\b`).MatchString(code) }

func readFile(t *testing.T, name string) string {
	content, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(content)
}
