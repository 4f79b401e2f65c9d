package cli

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestExitCodes_CompletedWithoutAVideo(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("done", xiexustest.Completes(0, ""))
		relay.SetContent(xiexustest.Delivery{Status: http.StatusNotFound})
		got := runCommand(t.Context(), "", "download", "done", "-O", "-")
		require.Equal(t, exitNoVideo, got.code, got.err)
		require.Contains(t, got.err, "completed, but without a URL, and the relay's video route returned 404")
	})
}
