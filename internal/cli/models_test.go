package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModels(t *testing.T) {
	relay := startRelay(t)
	relay.SetModels("veo-3", "kling\x1b[31m")
	got := runCommand(t.Context(), "", "models")
	require.Equal(t, 0, got.code, got.err)
	require.True(t, strings.HasPrefix(got.out, "kling"))
	require.True(t, strings.HasSuffix(got.out, "\nveo-3\n"))
	require.NotContains(t, got.out, "\x1b")

	got = runCommand(t.Context(), "", "models", "-o", "json")
	require.Equal(t, "veo-3", got.lines(t)[1]["id"])
}

func TestModels_None(t *testing.T) {
	startRelay(t)
	got := runCommand(t.Context(), "", "models")
	require.Equal(t, result{0, "", "the relay lists no models for this key\n"}, got)
}

func TestCompletion_OfModels(t *testing.T) {
	relay := startRelay(t)
	relay.SetModels("veo-3", "kling-v1")
	got := runCommand(t.Context(), "", "__complete", "create", "-m", "")
	require.Equal(t, "kling-v1\nveo-3\n:4\n", got.out, "and no files")

	t.Setenv("XIEXUS_API_KEY", "sk-wrong-key")
	got = runCommand(t.Context(), "", "__complete", "create", "--prompt", "x", "--model", "")
	require.Equal(t, ":4\n", got.out)
	t.Setenv("XIEXUS_API_KEY", "")
	requests := len(relay.Requests())
	got = runCommand(t.Context(), "", "__complete", "create", "--model", "")
	require.Equal(t, ":4\n", got.out)
	require.Len(t, relay.Requests(), requests)
}
