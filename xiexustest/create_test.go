package xiexustest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// post sends a POST to the relay and returns the status and body of the response, zero
// values if there was none.
func post(t *testing.T, relay *xiexustest.Relay, path, body string, headers ...string) (int, string) {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, relay.BaseURL()+path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+relay.APIKey())
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := relay.HTTPClient().Do(req)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = resp.Body.Close() }()
	content, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(content)
}

const createPath = "/v1/video/generations"

const validCreate = `{"model":"m","prompt":"p"}`

func TestRelay_CreatesOrRejects(t *testing.T) {
	tests := []struct {
		name, body string
		fault      xiexustest.Fault
		status     int
		want       string
		created    bool
	}{
		{"accepted", validCreate, xiexustest.Fault{}, 200, `"status":"queued"`, true},
		{"no model", `{"prompt":"p"}`, xiexustest.Fault{}, 400, "Model name not specified", false},
		{"no prompt", `{"model":"m"}`, xiexustest.Fault{}, 400, "prompt is required", false},
		{"not JSON", `{`, xiexustest.Fault{}, 400, `"type":"new_api_error"`, false},
		{"rejected", validCreate, xiexustest.Fault{Status: 429}, 429, `"code":"fail_to_fetch_task"`, false},
		{"rejected with a body", validCreate, xiexustest.Fault{Status: 403, Body: `{"code":"insufficient_user_quota"}`}, 403, "insufficient_user_quota", false},
		{"response lost", validCreate, xiexustest.Fault{Reset: true}, 0, "", true},
		{"page of a gateway", validCreate, xiexustest.Fault{Status: 504, HTML: true}, 504, "<html>", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.FailCreates(test.fault)
			status, body := post(t, relay, createPath, test.body)
			require.Equal(t, test.status, status)
			require.Contains(t, body, test.want)
			require.Equal(t, test.created, len(relay.Created()) == 1)
		})
	}
}

func TestRelay_StoresCreatedTasksLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.StoreAfter(5 * time.Second)
		relay.CreateWithoutStatus()
		_, body := post(t, relay, createPath, validCreate)
		require.Contains(t, body, `"status":""`)
		id := relay.Created()[0]
		require.Contains(t, body, id)
		missing, _ := get(t, relay, "/v1/video/generations/"+id)
		require.Equal(t, http.StatusBadRequest, missing.StatusCode)
		missing, _ = get(t, relay, "/v1/videos/"+id+"/content")
		require.Equal(t, http.StatusNotFound, missing.StatusCode)
		time.Sleep(5 * time.Second)
		found, _ := get(t, relay, "/v1/video/generations/"+id)
		require.Equal(t, http.StatusOK, found.StatusCode)
	})
}

func TestRelay_OnCreateSetsTheScript(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.OnCreate(func(request xiexus.CreateRequest) xiexustest.Script {
		return xiexustest.Fails(0, "no "+request.Prompt)
	})
	_, _ = post(t, relay, createPath, validCreate)
	require.Contains(t, read(t, relay, relay.Created()[0]), "no p")
}
