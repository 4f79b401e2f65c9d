package xiexustest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// fetch reads many tasks and returns the status and body of the response.
func fetch(t *testing.T, relay *xiexustest.Relay, ids ...string) (int, string) {
	body, err := json.Marshal(gen.FetchTasksRequest{IDs: ids})
	require.NoError(t, err)
	return post(t, relay, "/suno/fetch", string(body))
}

// row is what tests look at of a stored task.
type row struct {
	TaskID    string `json:"task_id"`
	Status    string `json:"status"`
	UpdatedAt int64  `json:"updated_at"`
	ResultURL string `json:"result_url"`
}

// fetchRows reads many tasks, of which the relay must return some.
func fetchRows(t *testing.T, relay *xiexustest.Relay, ids ...string) []row {
	status, body := fetch(t, relay, ids...)
	require.Equal(t, http.StatusOK, status)
	var response struct {
		Code string
		Data []row
	}
	require.NoError(t, json.Unmarshal([]byte(body), &response))
	require.Equal(t, "success", response.Code)
	return response.Data
}

func TestFetchTasks_ReturnsEachTaskAsItIsStored(t *testing.T) {
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			relay.Add("task", xiexustest.Completes(0, "http://cdn/v", dialect))
			_, body := fetch(t, relay, "task")
			require.Contains(t, body, `"status":"SUCCESS"`)
			require.Contains(t, body, `"code":"success","data":[{`)
			if dialect == xiexustest.StoredLegacy {
				require.Contains(t, body, `"fail_reason":"http://cdn/v"`)
			} else {
				require.Contains(t, body, `"result_url":"http://cdn/v"`)
			}
		})
	}
}

func TestFetchTasks_ReturnsWhatItFinds(t *testing.T) {
	tests := []struct {
		name string
		ids  []string
		want []string
	}{
		{"not in the order of the request", []string{"a", "b", "c"}, []string{"c", "b", "a"}},
		{"without unknown tasks", []string{"a", "nope", "b"}, []string{"b", "a"}},
		{"duplicates once", []string{"a", "b", "a"}, []string{"a", "b"}},
		{"nothing", []string{"nope"}, nil},
		{"no IDs", nil, nil},
	}
	relay := xiexustest.NewRelay(t)
	for _, id := range []string{"a", "b", "c"} {
		relay.Add(id, xiexustest.Completes(0, ""))
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			for _, row := range fetchRows(t, relay, test.ids...) {
				got = append(got, row.TaskID)
			}
			require.Equal(t, test.want, got)
		})
	}
	_, body := fetch(t, relay, "nope")
	require.Contains(t, body, `"data":null`)
}

func TestFetchTasks_LeavesOutTasksThatAreNotStoredYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.StoreAfter(5 * time.Second)
		_, _ = post(t, relay, createPath, validCreate)
		require.Empty(t, fetchRows(t, relay, relay.Created()...))
		time.Sleep(5 * time.Second)
		require.Len(t, fetchRows(t, relay, relay.Created()...), 1)
	})
}

func TestFetchTasks_DoesNotQueryTheUpstream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		script := xiexustest.Completes(20*time.Second, "http://cdn/v", xiexustest.Realtime, xiexustest.Stored)
		script.Ticker = xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second} // 7, 22 ...
		relay.Add("task", script)
		relay.Fail("task", xiexustest.Fault{Status: http.StatusBadGateway})
		time.Sleep(21 * time.Second)
		require.Equal(t, "IN_PROGRESS", fetchRows(t, relay, "task")[0].Status, "the last poll was at 7 s")
		require.Contains(t, read(t, relay, "task"), "failed by the fake relay", "the fault was not applied to the batch")
		time.Sleep(time.Second)
		require.Equal(t, "SUCCESS", fetchRows(t, relay, "task")[0].Status)
		require.Contains(t, read(t, relay, "task"), "SUCCESS", "only single reads take dialects in turn")
		require.Contains(t, read(t, relay, "task"), "succeeded")
	})
}

func TestFetchTasks_ReturnsAFailureThatARealtimeReadCaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		script := xiexustest.Completes(20*time.Second, "http://cdn/v", xiexustest.Realtime)
		script.Ticker = xiexustest.Ticker{Interval: 15 * time.Second, First: 7 * time.Second}
		relay.Add("task", script)
		added := time.Now().Unix()
		relay.Fail("task", xiexustest.Fault{UpstreamError: true})
		time.Sleep(10 * time.Second)
		require.Contains(t, read(t, relay, "task"), `"status":"failed"`)
		time.Sleep(time.Minute)
		for range 2 {
			row := fetchRows(t, relay, "task")[0]
			require.Equal(t, "FAILURE", row.Status, "no pass visits a task that has ended")
			require.Empty(t, row.ResultURL, "no reason")
			require.Equal(t, added+10, row.UpdatedAt)
		}
		require.Contains(t, read(t, relay, "task"), `"status":"succeeded"`, "a single read queries the upstream again")
		require.Equal(t, "SUCCESS", fetchRows(t, relay, "task")[0].Status)
	})
}

func TestFetchTasks_CountsAsARead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		script := xiexustest.Completes(10*time.Second, "")
		script.URLs = []string{"http://cdn/first", "http://cdn/second"}
		relay.AddOnFirstRead("task", script)
		time.Sleep(time.Hour)
		require.Equal(t, "QUEUED", fetchRows(t, relay, "task")[0].Status)
		time.Sleep(10 * time.Second)
		require.Equal(t, "http://cdn/first", fetchRows(t, relay, "task")[0].ResultURL)
		require.Equal(t, "http://cdn/second", fetchRows(t, relay, "task")[0].ResultURL)
	})
}

func TestRelay_RecordsWhichTasksAreRead(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	_, _ = fetch(t, relay, "a", "nope", "a")
	_ = read(t, relay, "a%20b")
	_, _ = post(t, relay, createPath, validCreate)
	_, _ = post(t, relay, "/suno/fetch", "{")
	var got [][]string
	for _, request := range relay.Requests() {
		got = append(got, request.TaskIDs)
	}
	require.Equal(t, [][]string{{"a", "nope", "a"}, {"a b"}, nil, nil}, got)
}

func TestFetchTasks_RejectsAsRealRelaysDo(t *testing.T) {
	tooMany := make([]string, 40_000)
	for i := range tooMany {
		tooMany[i] = strconv.Itoa(i)
	}
	encoded, err := json.Marshal(tooMany)
	require.NoError(t, err)
	tests := []struct {
		name, key, body string
		status          int
		want            string
	}{
		{"wrong key", "sk-wrong", `{"ids":["task"]}`, 401, "Invalid token"},
		{"not JSON", xiexustest.DefaultAPIKey, `{`, 400, "invalid JSON"},
		{"not a list", xiexustest.DefaultAPIKey, `{"ids":"task"}`, 400, "invalid JSON"},
		{"too many", xiexustest.DefaultAPIKey, fmt.Sprintf(`{"ids":%s}`, encoded), 500, `"code":"get_tasks_failed"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := xiexustest.NewRelay(t)
			status, body := post(t, relay, "/suno/fetch", test.body, "Authorization", "Bearer "+test.key)
			require.Equal(t, test.status, status)
			require.Contains(t, body, test.want)
		})
	}
}

func TestRelay_FailBatchesAppliesEachFaultOnce(t *testing.T) {
	relay := xiexustest.NewRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	relay.FailBatches(xiexustest.Fault{Status: http.StatusServiceUnavailable}, xiexustest.Fault{}, xiexustest.Fault{Reset: true})
	for _, want := range []int{503, 200, 0, 200} {
		status, _ := fetch(t, relay, "task")
		require.Equal(t, want, status)
	}
	require.Contains(t, read(t, relay, "task"), string(xiexus.StatusCompleted))
}
