package xiexustest_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestRelay_RefusesBatches(t *testing.T) {
	tests := map[xiexustest.BatchRefusal]struct {
		status int
		want   string
	}{
		xiexustest.BatchForbidden:        {403, `"type":"new_api_error"`},
		xiexustest.BatchNotFound:         {404, "Invalid URL (POST /suno/fetch)"},
		xiexustest.BatchMethodNotAllowed: {405, "Method Not Allowed"},
		xiexustest.BatchPage:             {200, "<html>"},
		xiexustest.BatchOtherShape:       {200, `"object":"list"`},
		xiexustest.BatchUnsupported:      {500, "/suno/fetch"},
	}
	require.Len(t, tests, len(xiexustest.AllBatchRefusals()))
	for _, refusal := range xiexustest.AllBatchRefusals() {
		t.Run(string(refusal), func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.Add("task", xiexustest.Completes(0, ""))
			relay.RefuseBatches(refusal)
			relay.FailBatches(xiexustest.Fault{Status: http.StatusBadGateway})
			status, _ := fetch(t, relay, "task")
			require.Equal(t, http.StatusBadGateway, status, "faults take precedence")
			for range 2 {
				status, body := fetch(t, relay, "task")
				require.Equal(t, tests[refusal].status, status)
				require.Contains(t, body, tests[refusal].want)
			}
			require.Contains(t, read(t, relay, "task"), "completed", "single reads work")
			relay.AllowBatches()
			require.Len(t, fetchRows(t, relay, "task"), 1)
		})
	}
}
