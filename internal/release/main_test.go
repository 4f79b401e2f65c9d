package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// written returns the files that are written, by name.
func written(t *testing.T) map[string]string {
	dir := t.TempDir()
	require.NoError(t, write(t.Context(), dir))
	files := map[string]string{}
	for _, pattern := range []string{"completions/*", "man/*"} {
		names, err := filepath.Glob(filepath.Join(dir, pattern))
		require.NoError(t, err)
		for _, name := range names {
			content, err := os.ReadFile(name)
			require.NoError(t, err)
			relative, err := filepath.Rel(dir, name)
			require.NoError(t, err)
			files[filepath.ToSlash(relative)] = string(content)
		}
	}
	return files
}

func TestWrite_Files(t *testing.T) {
	files := written(t)
	for name, want := range map[string]string{
		"completions/xiexus.bash": "__start_xiexus",
		"completions/_xiexus":     "#compdef xiexus\n",
		"completions/xiexus.fish": "complete -c xiexus ",
		"completions/xiexus.ps1":  "Register-ArgumentCompleter -CommandName 'xiexus'",
		"man/xiexus.1":            "\\fBxiexus-create(1)\\fP",
		"man/xiexus-create.1":     ".TH \"XIEXUS-CREATE\" \"1\" \"\" \"xiexus\" \"User Commands\"\n",
		"man/xiexus-serve.1":      "\n  task_endless     stays in progress forever\n",
		"man/xiexus-wait.1":       "Repeated IDs are ignored.",
		"man/xiexus-version.1":    "\\fB-o\\fP, \\fB--output\\fP=\\fIstring\\fP\n",
		"man/xiexus-list.1":       "\\fB--limit\\fP=\\fIint\\fP\n\tmaximum number of tasks; 0 for no limit (default 30 in a table",
		"man/xiexus-profiles.1":   "\n  default_profile: main\n",

		"man/xiexus-completion-zsh.1": "source <(xiexus completion zsh)",
	} {
		require.Contains(t, files, name)
		require.Contains(t, files[name], want, name)
	}
	require.Contains(t, files["man/xiexus.1"], "\\fBxiexus COMMAND [flags]\\fP")
	for name, page := range files {
		require.NotContains(t, page, hiddenMark, name)
		if strings.HasPrefix(name, "man/") {
			require.NotRegexp(t, `\\fP\[?=(""|0|0s|false|\[\])`, page, name)
		}
	}
	require.NotContains(t, files["man/xiexus-version.1"], "--api-key-file", "it has no effect there")
	require.NotContains(t, files, "man/xiexus-help.1")
	require.NotContains(t, files, "man/xiexus-completion-help.1")
}

func TestWrite_IsReproducible(t *testing.T) {
	require.Equal(t, written(t), written(t))
}
