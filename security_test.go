package xiexus_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// SECURITY.md has a command for each promise, and the tests that it names exist.
func TestSECURITY_EachPromiseIsTested(t *testing.T) {
	promised, tested, found := strings.Cut(readFile(t, "SECURITY.md"), "\n## How it is tested\n")
	require.True(t, found)
	_, promised, found = strings.Cut(promised, "\n## What is promised\n")
	require.True(t, found)
	var promises, titles []string
	for _, promise := range regexp.MustCompile(`(?m)^\*\*(.+?)\.?\*\*`).FindAllStringSubmatch(promised, -1) {
		promises = append(promises, promise[1])
	}
	tested = strings.ReplaceAll(tested, "\\\n", "") // lines that are continued
	commands := regexp.MustCompile(`(?m)^# (.+)\ngo (?:-C (\S+) )?test (.+) -run "\^\(([\w|]+)\)\$"$`).FindAllStringSubmatch(tested, -1)
	for _, command := range commands {
		titles = append(titles, command[1])
		for name := range strings.SplitSeq(command[4], "|") {
			require.True(t, hasTest(t, name, command[2], strings.Fields(command[3])), "%s: there is no %s in %s", command[1], name, command[3])
		}
	}
	require.Equal(t, promises, titles)
	require.NotEmpty(t, promises)
}

// hasTest reports whether one of some directories of a module has a test.
func hasTest(t *testing.T, name, module string, directories []string) bool {
	for _, directory := range directories {
		files, err := filepath.Glob(filepath.Join(module, directory, "*_test.go"))
		require.NoError(t, err)
		for _, file := range files {
			if strings.Contains(readFile(t, file), "\nfunc "+name+"(") {
				return true
			}
		}
	}
	return false
}
