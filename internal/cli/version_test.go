package cli

import (
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/openapi"
)

func TestSpec(t *testing.T) {
	got := runCommand(t.Context(), "", "spec")
	require.Equal(t, 0, got.code)
	require.Equal(t, string(openapi.Document())+"\n", got.out)
}

func TestCompletion_HelpNamesCommandsThatExplainLoading(t *testing.T) {
	got := runCommand(t.Context(), "", "completion", "--help")
	require.Equal(t, 0, got.code)
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		require.Contains(t, got.out, "xiexus completion "+shell+" --help\n")
		got := runCommand(t.Context(), "", "completion", shell, "--help")
		require.Contains(t, got.out, "To load completions")
	}
}

func TestVersion(t *testing.T) {
	got := runCommand(t.Context(), "", "version")
	require.Equal(t, 0, got.code)
	require.Contains(t, got.out, "xiexus "+version())

	require.Contains(t, got.out, runtime.Version())
	require.Equal(t, got, runCommand(t.Context(), "", "--version"))

	got = runCommand(t.Context(), "", "version", "-o", "json")
	require.Equal(t, 0, got.code)
	require.Equal(t, version(), got.lines(t)[0]["version"])
}

func TestModuleVersion(t *testing.T) {
	tests := map[string]struct{ module, want string }{
		"installed":    {"v1.2.3", "1.2.3"},
		"from a clone": {"v0.0.0-20260801120000-0123456789ab+dirty", "0.0.0-20260801120000-0123456789ab+dirty"},
		"development":  {"(devel)", xiexus.Version},
		"none":         {"", xiexus.Version},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, moduleVersion(debug.BuildInfo{Main: debug.Module{Version: test.module}}))
		})
	}
}

func TestRevision(t *testing.T) {
	build := debug.BuildInfo{Settings: []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: "0123456789abcdef"}}}
	require.Equal(t, "0123456789ab", revision(build))
	require.Empty(t, revision(debug.BuildInfo{}))
}
