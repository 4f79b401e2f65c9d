package xiexus_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// Whatever a store returns as a cursor: a poll sends the key to the base URL only, sends few
// requests, ends in time, and is about the task of the cursor.
func FuzzCursor(f *testing.F) {
	for _, stored := range []string{
		`{"task_id":"task","attempts":0}`,
		`{"task_id":"task","started_at":"2026-01-01T00:00:00Z","next_at":"2026-01-01T00:00:15Z","attempts":3}`,
		`{"task_id":"task","attempts":-1,"next_at":"9999-12-31T23:59:59Z","missed":-5,"denials":9223372036854775807}`,
		`{"task_id":"task","attempts":4,"pace":{"asked":4,"failures":2147483647,"doubts":-1,"realtime":true,"visited":1795330000,` +
			`"beat":{"phase":1795330000000,"fit":2,"low":-20,"high":90}},"no_batches":true}`,
		`{"task_id":"task","attempts":9,"done":true}`,
		`{"task_id":"https://evil.example.com/"}`, `{"task_id":"../../v2"}`, `{"task_id":"a?b#c@evil.example.com:80"}`, `{"task_id":"\u0000\r\nHost: x"}`,
		`{"base_url":"https://evil.example.com","url":"https://evil.example.com","api_key":"sk-other"}`,
		`null`, `[]`, `{"pace":null}`, `{"task_id":5}`,
	} {
		f.Add([]byte(stored), http.StatusOK, `{"task_id":"task","status":"in_progress"}`)
		f.Add([]byte(stored), http.StatusOK, `{"code":"success","data":{"task_id":"task","status":"SUCCESS","result_url":"https://cdn.example.com/v.mp4"}}`)
		f.Add([]byte(stored), http.StatusTooManyRequests, `no`)
	}
	f.Fuzz(func(t *testing.T, stored []byte, status int, body string) {
		if status < 200 || status > 599 {
			return // net/http reports no others
		}
		var cursor xiexus.Cursor
		if json.Unmarshal(stored, &cursor) != nil {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			server := &strictServer{T: t, status: status, body: body}
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(strictBase), xiexus.WithHTTPClient(&http.Client{Transport: server}))
			require.NoError(t, err)

			began := time.Now()
			task, next, err := client.Poll(t.Context(), cursor)
			checkPolled(t, cursor, xiexus.Polled{Task: task, Cursor: next, Err: err}, time.Since(began))

			again := []xiexus.Cursor{cursor, next, cursor}
			began = time.Now()
			for i, polled := range client.PollAll(t.Context(), again) {
				checkPolled(t, again[i], polled, time.Since(began))
			}
			require.LessOrEqual(t, server.requests.Load(), int64(8))
		})
	})
}

// Whatever a store returns as what was learned, tasks are read as rarely and as often as
// without it: every cursor is polled, and never more than once a second.
func FuzzLearned(f *testing.F) {
	for _, stored := range []string{
		`{}`, `null`, `[]`, `{"share":0.5,"no_batches":true}`, `{"share":-1,"most_batch":-5}`, `{"share":1e308,"most_batch":9223372036854775807}`, `{"most_batch":2}`,
		`{"beat":{"phase":1795330000000,"fit":2,"low":-20,"high":90},"share":0.25}`,
		`{"beat":{"phase":-9223372036854775808,"even":1,"fit":2147483647,"low":9223372036854775807,"high":-9223372036854775808}}`,
		`{"base_url":"https://evil.example.com","api_key":"sk-other"}`,
	} {
		f.Add([]byte(stored))
	}
	f.Fuzz(func(t *testing.T, stored []byte) {
		var learned xiexus.Learned
		if json.Unmarshal(stored, &learned) != nil {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			server := &strictServer{T: t, status: http.StatusOK, body: `{"code":"success","data":[{"task_id":"a","status":"IN_PROGRESS"},{"task_id":"b","status":"NEW"}]}`}
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(strictBase), xiexus.WithHTTPClient(&http.Client{Transport: server}))
			require.NoError(t, err)
			client.Learn(learned)
			cursors := []xiexus.Cursor{xiexus.NewCursor("a"), xiexus.NewCursor("b")}
			for range 3 {
				client.Learn(learned)
				before := server.requests.Load()
				for i, polled := range client.PollAll(t.Context(), cursors) {
					checkPolled(t, cursors[i], polled, 0)
					require.Equal(t, cursors[i].Attempts+1, polled.Cursor.Attempts)
					require.GreaterOrEqual(t, time.Until(polled.Cursor.NextAt), time.Second)
					cursors[i] = polled.Cursor
				}
				require.LessOrEqual(t, server.requests.Load(), before+3, "a batch, and each on its own")
				time.Sleep(3 * time.Minute)
			}
			encoded, err := json.Marshal(client.Learned())
			require.NoError(t, err)
			require.NoError(t, json.Unmarshal(encoded, &learned))
		})
	})
}

const strictBase = "https://relay.example.com/proxy"

// strictServer fails a test if a request is for anything but the base URL.
type strictServer struct {
	*testing.T
	status   int
	body     string
	requests atomic.Int64 // PollAll sends several at once
}

func (s *strictServer) RoundTrip(req *http.Request) (*http.Response, error) {
	s.requests.Add(1)
	require.True(s, strings.HasPrefix(req.URL.String(), strictBase+"/"), "%s", req.URL)
	require.Equal(s, "relay.example.com", req.Host+req.Header.Get("Host"))
	require.NotContains(s, req.URL.Path, "/../")
	require.Equal(s, "Bearer "+testKey, req.Header.Get("Authorization"))
	header := http.Header{"Location": {"https://evil.example.com"}}
	return &http.Response{StatusCode: s.status, Header: header, Body: io.NopCloser(strings.NewReader(s.body)), ContentLength: int64(len(s.body)), Request: req}, nil
}

// checkPolled checks the result of a poll of a cursor.
func checkPolled(t *testing.T, before xiexus.Cursor, polled xiexus.Polled, took time.Duration) {
	t.Helper()
	const longest = 2 * time.Minute // of a Retry-After, and of a NextAt that is believed
	require.LessOrEqual(t, took, longest)
	require.Equal(t, before.TaskID, polled.Cursor.TaskID)
	require.True(t, polled.Cursor.Done || time.Until(polled.Cursor.NextAt) <= longest, "%+v", polled.Cursor)
	_, err := json.Marshal(polled.Cursor)
	require.NoError(t, err)
	if before.Done {
		require.True(t, polled.Cursor.Done && polled.Task == nil && polled.Err == nil)
	}
	if polled.Task != nil {
		require.NoError(t, polled.Err)
		require.Equal(t, before.TaskID, polled.Task.TaskID)
	}
}
