package relay_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func progress(n int) *int { return &n }

func at(seconds int64) time.Time { return time.Unix(seconds, 0).UTC() }

// tasks are also what fuzzing begins from.
var tasks = []struct {
	name string
	body string
	want relay.Task
}{
	{
		name: "flat, as the document says",
		body: `{"task_id":"t1","status":"completed","url":"` + address + `","format":"mp4",
			"metadata":{"duration":5.1,"fps":30,"width":1280,"height":720,"seed":7},"error":null}`,
		want: relay.Task{
			VideoTask: gen.VideoTask{
				TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: address, Format: "mp4",
				Metadata: &gen.VideoTaskMetadata{Duration: 5.1, Fps: 30, Width: 1280, Height: 720, Seed: 7},
			},
			RelayStatus: "completed",
		},
	},
	{
		name: "flat, failed, with the document's error",
		body: `{"task_id":"t1","status":"failed","error":{"code":1301,"message":"blocked"}}`,
		want: relay.Task{
			VideoTask: gen.VideoTask{
				TaskID: "t1", Status: gen.VideoTaskStatusFailed, Error: &gen.VideoTaskError{Code: 1301, Message: "blocked"},
			},
			RelayStatus: "failed", ErrorCode: "1301",
		},
	},
	{
		name: "stored, at work: progress in text, times in seconds, 0 is not yet",
		body: `{"code":"success","message":"","data":{"id":5,"created_at":1795330000,"updated_at":1795330045,"task_id":"t1",
			"status":"IN_PROGRESS","fail_reason":"","result_url":"","submit_time":1795330001,"start_time":1795330020,
			"finish_time":0,"progress":"30%","data":{"status":"succeed","url":"https://upstream.example.com/"}}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusInProgress},
			RelayStatus: "IN_PROGRESS", Progress: progress(30),
			SubmittedAt: at(1795330001), StartedAt: at(1795330020), UpdatedAt: at(1795330045),
		},
	},
	{
		name: "stored, done: the address is in result_url",
		body: `{"code":"success","message":"","data":{"task_id":"t1","status":"SUCCESS","fail_reason":"","progress":"100%",
			"result_url":"` + address + `","submit_time":0,"created_at":1795330000,"finish_time":1795330090,"data":null}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: address},
			RelayStatus: "SUCCESS", Progress: progress(100),
			SubmittedAt: at(1795330000), FinishedAt: at(1795330090), // created_at where submit_time is 0
		},
	},
	{
		name: "realtime, done: format may be a MIME type",
		body: `{"code":"success","message":"","data":{"error":null,"format":"video/webm","metadata":null,
			"status":"succeeded","task_id":"t1","url":"` + address + `"}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: address, Format: "video/webm"},
			RelayStatus: "succeeded",
		},
	},
	{
		name: "realtime, failed: no reason at all",
		body: `{"code":"success","message":"","data":{"error":null,"format":"mp4","metadata":null,"status":"failed","task_id":"t1","url":""}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusFailed, Format: "mp4", Error: &gen.VideoTaskError{}},
			RelayStatus: "failed",
		},
	},
	{
		name: "flat wins over the envelope: a relay in front may pass its upstream's answer along",
		body: `{"code":"success","task_id":"t1","status":"queued","data":{"task_id":"t2","status":"SUCCESS","result_url":"` + address + `"}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusQueued},
			RelayStatus: "queued",
		},
	},
	{
		name: "a flat task without an id: the caller knows it",
		body: `{"status":"in_progress"}`,
		want: relay.Task{VideoTask: gen.VideoTask{Status: gen.VideoTaskStatusInProgress}, RelayStatus: "in_progress"},
	},
	{
		name: "an envelope's own status that is a number is not the task's",
		body: `{"code":200,"status":200,"data":{"task_id":"t1","status":"QUEUED"}}`,
		want: relay.Task{VideoTask: gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusQueued}, RelayStatus: "QUEUED"},
	},
}

func TestShapes(t *testing.T) {
	for _, c := range tasks {
		t.Run(c.name, func(t *testing.T) {
			c.want.Raw = json.RawMessage(c.body)
			require.Equal(t, c.want, readTask(t, c.body))
		})
	}
}

// A task is known by its JSON, whatever is said or put around it.
func TestTaskDespiteItsWrapping(t *testing.T) {
	const body = `{"task_id":"t1","status":"queued"}`
	cases := []struct {
		name, body, contentType, raw string
		status                       int
	}{
		{"JSON", body, "application/json", body, http.StatusOK},
		{"JSON called text", body, "text/plain; charset=utf-8", body, http.StatusOK},
		{"JSON called HTML", body, "text/html", body, http.StatusOK},
		{"no content type", body, "", body, http.StatusOK},
		{"byte order mark", "\xef\xbb\xbf" + body, "application/json", body, http.StatusOK},
		{"blanks around", " \r\n\t" + body + "\n", "application/json", " \r\n\t" + body + "\n", http.StatusOK},
		{"another success", body, "application/json", body, http.StatusAccepted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := answered(c.status, c.body, "Content-Type: "+c.contentType, "Retry-After: 15")
			answer, err := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.NoError(t, err)
			require.Equal(t, gen.VideoTaskStatusQueued, answer.Task.Status)
			require.Equal(t, c.raw, string(answer.Task.Raw))
			require.Equal(t, 15*time.Second, answer.RetryAfter, "the hint of a task that is there")
		})
	}
}

// Stored tasks carry their upstream's raw answer: 3 MB of it were seen.
func TestTaskWithLargeUpstreamAnswer(t *testing.T) {
	const fields = `"task_id":"t1","status":"SUCCESS","result_url":"` + address + `"`
	inline := `{"video":"` + strings.Repeat("QUJD", 3<<18) + `"}`
	for name, body := range map[string]string{
		"before the task's fields": `{"code":"success","message":"","data":{"data":` + inline + `,` + fields + `}}`,
		"behind the task's fields": `{"code":"success","message":"","data":{` + fields + `,"data":` + inline + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			task := readTask(t, body)
			require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
			require.Equal(t, address, task.URL)
			require.Len(t, task.Raw, len(body))
		})
	}
}
