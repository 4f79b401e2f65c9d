package relay_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// The ID decides which object of a response is the task, and whether there is one.
func TestReader_TaskIsTheOneThatWasRequested(t *testing.T) {
	const done = `"status":"completed","url":"` + videoURL + `"`
	cases := []struct {
		name, body string
		want       gen.VideoTaskStatus // empty if there is no task
	}{
		{"its ID", `{"task_id":"t1",` + done + `}`, "completed"},
		{"its ID as id", `{"id":"t1",` + done + `}`, "completed"},
		{"its ID in camel case", `{"data":{"taskId":"t1",` + done + `}}`, "completed"},
		{"status in another name", `{"data":{"task_id":"t1","task_status":"succeed"}}`, "completed"},
		{"state", `{"id":"t1","state":"success"}`, "completed"},
		{"in a list", `{"code":200,"data":[{"task_id":"t1","status":"SUCCESS"}]}`, "completed"},
		{"not the first in a list", `{"data":[{"task_id":"t2",` + done + `},{"task_id":"t1","status":"QUEUED"}]}`, "queued"},
		{"a list", `[{"task_id":"t1","status":"SUCCESS"}]`, "completed"},
		{"DashScope", `{"request_id":"r","output":{"task_id":"t1","task_status":"RUNNING"}}`, "in_progress"},
		{"in two envelopes", `{"code":0,"data":{"code":0,"data":{"task_id":"t1","status":"SUCCESS"}}}`, "completed"},
		{"below a request ID", `{"id":"req-7","status":"ok","data":{"task_id":"t1","status":"QUEUED"}}`, "queued"},
		{"a row with a number as id", `{"data":{"id":5,"status":"IN_PROGRESS"}}`, "in_progress"},
		{"the upstream's ID below it", `{"task_id":"t1","status":"queued","data":{"task_id":"t2",` + done + `}}`, "queued"},

		{"its ID beside the data", `{"code":200,"task_id":"t1","data":{` + done + `}}`, "completed"},
		{"its ID and a success beside the data", `{"status":"success","task_id":"t1","data":{"status":"processing"}}`, "in_progress"},
		{"its ID, a success and a video beside the data", `{"status":"success","task_id":"t1","url":"` + videoURL + `","data":{"status":"processing"}}`, "completed"},
		{"its status beside the response of the upstream", `{"task_id":"t1","status":"IN_PROGRESS","data":{` + done + `}}`, "in_progress"},
		{"a success of the request beside its task_status", `{"task_id":"t1","status":"success","task_status":"processing"}`, "in_progress"},
		{"no ID, an unknown status in a success", `{"status":"success","data":{"status":"rendering","url":"` + videoURL + `"}}`, ""},

		{"another's ID", `{"task_id":"t2",` + done + `}`, ""},
		{"another's ID as id", `{"id":"t2",` + done + `}`, ""},
		{"another's ID in camel case", `{"taskId":"t2",` + done + `}`, ""},
		{"another's ID in an envelope", `{"code":"success","data":{"task_id":"t2",` + done + `}}`, ""},
		{"another's failure", `{"task_id":"t2","status":"failed"}`, ""},
		{"another's ID beside an envelope without one", `{"task_id":"t2","status":"completed","data":{` + done + `}}`, ""},
		{"an ID that begins with it", `{"task_id":"t11",` + done + `}`, ""},
		{"an ID in other letters", `{"task_id":"T1",` + done + `}`, ""},

		{"its ID in an error", `{"code":401,"message":"no","data":{"task_id":"t1"}}`, ""},
		{"others' in a list", `{"data":[{"task_id":"t2",` + done + `},{"task_id":"t3",` + done + `}]}`, ""},

		{"no ID, running", `{"status":"in_progress"}`, "in_progress"},
		{"no ID, with a video", `{` + done + `}`, "completed"},
		{"no ID, failed, with fields of a task", `{"data":{"status":"FAILURE","fail_reason":"no","progress":"100%"}}`, "failed"},
		{"no ID, completed without a video", `{"status":"ok","message":"alive"}`, ""},
		{"no ID, failed", `{"status":"failed","message":"Too Many Requests"}`, ""},
		{"no ID, failed with an error object", `{"status":"failed","error":{"message":"rate limit"}}`, ""},
		{"no ID, an error", `{"status":"error","message":"upstream timed out"}`, ""},
		{"no ID, not a status", `{"status":"maintenance"}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, failure := read(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusOK, c.body))
			if c.want == "" {
				require.NotNil(t, failure)
				require.NotEmpty(t, failure.Message)
				return
			}
			require.Nil(t, failure)
			require.Equal(t, c.want, got.Task.Status)
		})
	}
}

func TestReader_RepairsURLs(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"a blank in the path", "https://cdn.example.com/my video.mp4", "https://cdn.example.com/my%20video.mp4"},
		{"blanks in the query", "https://cdn.example.com/v.mp4?name=my video", "https://cdn.example.com/v.mp4?name=my%20video"},
		{"a percent sign", "https://cdn.example.com/50%off.mp4", "https://cdn.example.com/50%25off.mp4"},
		{"a percent sign at the end", "https://cdn.example.com/100%", "https://cdn.example.com/100%25"},
		{"valid escapes stay", "https://cdn.example.com/a%20b%2F.mp4?x=%zz", "https://cdn.example.com/a%20b%2F.mp4?x=%zz"},
		{"double quotes", `\"https://cdn.example.com/v.mp4\"`, "https://cdn.example.com/v.mp4"},
		{"other quotes", " `https://cdn.example.com/v.mp4` ", "https://cdn.example.com/v.mp4"},
		{"angle brackets", "<https://cdn.example.com/v.mp4>", "https://cdn.example.com/v.mp4"},
		{"a list in text", `[\"https://cdn.example.com/v.mp4\"]`, "https://cdn.example.com/v.mp4"},
		{"an ampersand escaped as in HTML", "https://cdn.example.com/v.mp4?a=1&amp;b=2", "https://cdn.example.com/v.mp4?a=1&b=2"},
		{"slashes escaped twice", `https:\\/\\/cdn.example.com\\/v.mp4`, "https://cdn.example.com/v.mp4"},
		{"a path", "/cdn/a.mp4", "https://relay.example.com/cdn/a.mp4"},
		{"a path with a query", "/cdn/50%off.mp4?sign=a%2Fb", "https://relay.example.com/cdn/50%25off.mp4?sign=a%2Fb"},
		{"a host without a scheme", "//cdn.example.com/a.mp4", "https://cdn.example.com/a.mp4"},
		{"not ASCII", "https://cdn.example.com/视频 1.mp4", "https://cdn.example.com/视频%201.mp4"},

		{"a sentence that begins with a URL", "https://upstream.example.com/v1 returned 500", ""},
		{"a sentence about a file", "https://cdn.example.com/v.mp4 not found", ""},
		{"a sentence that begins with a host", "https://upstream.example.com refused a.mp4", ""},
		{"a sentence that begins with a slash", "/v1/videos failed", ""},
		{"a slash", "/", ""},
		{"a control character", `https://cdn.example.com/\u001b a.mp4`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, field := range []string{"url", "result_url", "video_url"} {
				resp := newResponse(http.StatusOK, `{"task_id":"t1","status":"completed","`+field+`":"`+c.text+`"}`)
				resp.Request = &http.Request{URL: &url.URL{Scheme: "https", Host: "relay.example.com", Path: "/v1/video/generations/t1"}}
				got, failure := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
				require.Nil(t, failure)
				require.Equal(t, c.want, got.Task.URL, field)
				if c.want == "" {
					require.NotEmpty(t, got.Task.RejectedURL, field)
					continue
				}
				_, err := url.Parse(got.Task.URL)
				require.NoError(t, err)
			}
		})
	}
}

// A body that ends early is never taken for one that is invalid, wherever it ends.
func TestReader_CutAnywhere(t *testing.T) {
	const body = `{"task_id":"t1","status":"in\u0065rr\n","ok":true,"no":false,"nil":null,"n":[-1.5e+3,0],"o":{"a":"\ud83d\ude00"}}`
	for end := 1; end < len(body); end++ {
		got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusOK, body[:end]))
		require.True(t, got.Cut, body[:end])
		_, got = relay.Reader{MaxSize: 1 << 20}.ReadCreated(newResponse(http.StatusOK, body[:end]))
		require.True(t, got.Cut, body[:end])
	}
	for _, invalid := range []string{`{"a":tru}`, `{"a":"\u65"}`, `{"a":-1.}`, `{"a":1}x`} {
		require.False(t, readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(http.StatusOK, invalid)).Cut, invalid)
	}
}

func TestReader_KeepsTheBodyOfErrors(t *testing.T) {
	reader := relay.Reader{MaxSize: 1 << 20, Redactor: secrets{}}
	t.Run("redacted", func(t *testing.T) {
		got := readError(t, reader, newResponse(http.StatusBadGateway, `{"key":"sk-secret","why":[1]}`))
		require.Equal(t, `{"key":"[redacted]","why":[1]}`, got.Body)
	})
	t.Run("of a 200", func(t *testing.T) {
		require.Equal(t, `{"odd":1}`, readError(t, reader, newResponse(http.StatusOK, `{"odd":1}`)).Body)
	})
	t.Run("up to 16 KiB", func(t *testing.T) {
		body := strings.Repeat("word ", 10_000)
		got := readError(t, reader, newResponse(http.StatusBadGateway, body))
		require.LessOrEqual(t, len(got.Body), 16<<10)
		require.Greater(t, len(got.Body), 15<<10)
	})
	t.Run("without a key that is cut", func(t *testing.T) {
		for _, status := range []int{http.StatusOK, http.StatusBadGateway} {
			resp := newResponse(status, "")
			resp.Body = &tracked{Reader: io.MultiReader(strings.NewReader(`{"a":"b","key":"sk-secr`), failing{io.ErrUnexpectedEOF})}
			resp.ContentLength = 100
			require.Equal(t, `{"a":"b","key":"`, readError(t, reader, resp).Body)
		}
		resp := newResponse(http.StatusBadGateway, `{"key":"sk-secret"}`)
		require.Equal(t, `{"key":"`, readError(t, relay.Reader{MaxSize: 12, Redactor: secrets{}}, resp).Body)
	})
}
