package command

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDemo_LosesNothingWhenAWorkerIsKilled(t *testing.T) {
	t.Setenv("XIEXUS_API_KEY", "")
	var stdout, stderr bytes.Buffer
	code := Run(t.Context(), []string{"demo"}, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	require.Equal(t, 0, code, "%s%s", stdout.String(), stderr.String())
	require.Contains(t, stdout.String(), "Killed w")
	require.Contains(t, stdout.String(), "Submitted: 300. Results: 300 ")
	require.Contains(t, stdout.String(), "Lost: 0. Duplicates: 0.")
	require.Empty(t, stderr.String())
}
