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

// tasks are also seeds for fuzzing.
var tasks = []struct {
	name string
	body string
	want relay.Task
}{
	{
		name: "flat, as documented",
		body: `{"task_id":"t1","status":"completed","url":"` + videoURL + `","format":"mp4",
			"metadata":{"duration":5.1,"fps":30,"width":1280,"height":720,"seed":7},"error":null}`,
		want: relay.Task{
			VideoTask: gen.VideoTask{
				TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: videoURL, Format: "mp4",
				Metadata: documentedMetadata(`{"duration":5.1,"fps":30,"width":1280,"height":720,"seed":7}`),
			},
			RelayStatus: "completed",
		},
	},
	{
		name: "flat, failed, with the document's error",
		body: `{"task_id":"t1","status":"failed","error":{"code":1301,"message":"blocked"}}`,
		want: relay.Task{
			VideoTask: gen.VideoTask{
				TaskID: "t1", Status: gen.VideoTaskStatusFailed, Error: documentedError("1301", "blocked"),
			},
			RelayStatus: "failed", ErrorCode: "1301",
		},
	},
	{
		name: "stored, in progress: progress in text, times in seconds, 0 is not yet",
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
		name: "stored, completed: the URL is in result_url",
		body: `{"code":"success","message":"","data":{"task_id":"t1","status":"SUCCESS","fail_reason":"","progress":"100%",
			"result_url":"` + videoURL + `","submit_time":0,"created_at":1795330000,"finish_time":1795330090,"data":null}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: videoURL},
			RelayStatus: "SUCCESS", Progress: progress(100),
			SubmittedAt: at(1795330000), FinishedAt: at(1795330090), // created_at where submit_time is 0
		},
	},
	{
		name: "realtime, completed: format may be a MIME type",
		body: `{"code":"success","message":"","data":{"error":null,"format":"video/webm","metadata":null,
			"status":"succeeded","task_id":"t1","url":"` + videoURL + `"}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusCompleted, URL: videoURL, Format: "video/webm"},
			RelayStatus: "succeeded",
		},
	},
	{
		name: "realtime, failed: no reason at all",
		body: `{"code":"success","message":"","data":{"error":null,"format":"mp4","metadata":null,"status":"failed","task_id":"t1","url":""}}`,
		want: relay.Task{
			VideoTask:   gen.VideoTask{TaskID: "t1", Status: gen.VideoTaskStatusFailed, Format: "mp4", Error: documentedError("", "")},
			RelayStatus: "failed",
		},
	},
	{
		name: "flat wins over the envelope: a relay may include its upstream's response",
		body: `{"code":"success","task_id":"t1","status":"queued","data":{"task_id":"t2","status":"SUCCESS","result_url":"` + videoURL + `"}}`,
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

func TestReader_Shapes(t *testing.T) {
	for _, c := range tasks {
		t.Run(c.name, func(t *testing.T) {
			c.want.Raw = json.RawMessage(c.body)
			require.Equal(t, c.want, readTask(t, c.body))
		})
	}
}

// A task is recognized by its JSON alone.
func TestReader_TaskDespiteHeaders(t *testing.T) {
	const body = `{"task_id":"t1","status":"queued"}`
	cases := []struct {
		name, body, contentType, raw string
		status                       int
	}{
		{"JSON", body, "application/json", body, http.StatusOK},
		{"JSON as text", body, "text/plain; charset=utf-8", body, http.StatusOK},
		{"JSON as HTML", body, "text/html", body, http.StatusOK},
		{"no content type", body, "", body, http.StatusOK},
		{"byte order mark", "\xef\xbb\xbf" + body, "application/json", body, http.StatusOK},
		{"white space around", " \r\n\t" + body + "\n", "application/json", " \r\n\t" + body + "\n", http.StatusOK},
		{"another success", body, "application/json", body, http.StatusAccepted},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := newResponse(c.status, c.body, "Content-Type: "+c.contentType, "Retry-After: 15",
				"Date: Sun, 22 Nov 2026 06:46:40 GMT")
			got, failure := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
			require.Nil(t, failure)
			require.Equal(t, gen.VideoTaskStatusQueued, got.Task.Status)
			require.Equal(t, c.raw, string(got.Task.Raw))
			require.Equal(t, 15*time.Second, got.RetryAfter)
			require.Equal(t, at(1795330000), got.Date)
		})
	}
}

// Stored tasks carry their upstream's raw response, of up to 3 MB.
func TestReader_LargeUpstreamResponse(t *testing.T) {
	const fields = `"task_id":"t1","status":"SUCCESS","result_url":"` + videoURL + `"`
	inline := `{"video":"` + strings.Repeat("QUJD", 3<<18) + `"}`
	for name, body := range map[string]string{
		"before the task's fields": `{"code":"success","message":"","data":{"data":` + inline + `,` + fields + `}}`,
		"after the task's fields":  `{"code":"success","message":"","data":{` + fields + `,"data":` + inline + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			task := readTask(t, body)
			require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
			require.Equal(t, videoURL, task.URL)
			require.Len(t, task.Raw, len(body))
		})
	}
}
