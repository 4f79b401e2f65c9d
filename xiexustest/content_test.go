package xiexustest_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestRelay_SendsContentOfCompletedTasks(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("done", xiexustest.Completes(0, ""))
	relay.Add("working", xiexustest.Completes(time.Hour, ""))
	relay.AddOnFirstRead("waiting", xiexustest.Completes(0, ""))
	relay.SetContent(xiexustest.Delivery{Video: ten, NoRange: true})
	tests := []struct {
		name, id, key string
		status        int
		want          string
	}{
		{"completed", "done", relay.APIKey(), 200, "0123456789"},
		{"in progress", "working", relay.APIKey(), 400, "not completed"},
		{"not started", "waiting", relay.APIKey(), 400, "not completed"},
		{"unknown ID", "nope", relay.APIKey(), 404, "Task not found"},
		{"wrong key", "done", "sk-wrong", 401, "Invalid token"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp, body := get(t, relay, "/v1/videos/"+test.id+"/content",
				"Range", "bytes=4-", "Authorization", "Bearer "+test.key)
			require.Equal(t, test.status, resp.StatusCode)
			require.Contains(t, body, test.want)
		})
	}
}

func TestRelay_SetContentSetsTheDelivery(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("done", xiexustest.Completes(0, ""))
	getRange := func() (int, string) {
		resp, body := get(t, relay, "/v1/videos/done/content", "Range", "bytes=4-")
		return resp.StatusCode, body
	}
	status, body := getRange()
	require.Equal(t, http.StatusOK, status, "ranges are ignored by default")
	require.Len(t, body, int(xiexustest.SampleVideo().Size))
	relay.SetContent(xiexustest.Delivery{Video: ten})
	status, body = getRange()
	require.Equal(t, http.StatusPartialContent, status)
	require.Equal(t, "456789", body)
	relay.SetContent(xiexustest.Delivery{Status: http.StatusBadGateway})
	status, body = getRange()
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, body, "Failed to fetch video content")
}
