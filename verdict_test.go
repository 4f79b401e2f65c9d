package xiexus_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// reply is a response made by hand. The header, if any, is "Name: value".
type reply struct {
	status int
	body   string
	header string
}

func (c reply) write(w http.ResponseWriter) {
	if name, value, found := strings.Cut(c.header, ": "); found {
		w.Header().Set(name, value)
	}
	w.WriteHeader(c.status)
	_, _ = io.WriteString(w, c.body)
}

// inTurn returns a client whose requests get these responses in turn; the last is repeated.
func inTurn(t *testing.T, responses ...reply) (client *xiexus.Client, requests *int) {
	t.Helper()
	requests = new(int)
	return clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		next := responses[min(*requests, len(responses)-1)]
		*requests++
		next.write(w)
	}, xiexus.WithMaxRetries(2)), requests
}

const (
	ownHeader = "X-Oneapi-Request-Id: req-1"
	running   = `{"task_id":"task","status":"in_progress"}`
	completed = `{"task_id":"task","status":"completed","url":"` + video + `"}`
)

func TestWait_EndsWithEveryTerminalStatus(t *testing.T) {
	for status, isCompleted := range map[string]bool{
		"succeed": true, "done": true, "finished": true, "complete": true, "ready": true, "ok": true, "SUCCESSFUL": true, "Done": true,
		"cancelled": false, "canceled": false, "expired": false, "timeout": false, "timed_out": false, "TIMED-OUT": false, "rejected": false, "aborted": false,
		"error": false, "Fail": false,
	} {
		t.Run(status, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, requests := inTurn(t, reply{200, running, ""},
					reply{200, fmt.Sprintf(`{"code":"success","data":{"task_id":"task","status":%q,"result_url":%q,"submit_time":1}}`, status, video), ""})
				task, err := client.Wait(t.Context(), "task")
				require.Equal(t, 2, *requests)
				require.True(t, task.Done())
				require.Equal(t, status, task.RelayStatus)
				if isCompleted {
					require.NoError(t, err)
					require.Equal(t, video, task.URL)
					return
				}
				var failed *xiexus.TaskFailedError
				require.ErrorAs(t, err, &failed)
				if status != "error" && status != "Fail" {
					require.Equal(t, status, failed.Message, "there is no other reason")
				}
			})
		})
	}
}

func TestWait_TimeoutShowsAnUnknownStatus(t *testing.T) {
	for body, want := range map[string]string{
		`{"task_id":"task","status":"wibble","video_url":"` + video + `"}`:         `(last seen unknown, the relay's "wibble", but with a URL)`,
		`{"task_id":"task","status":"wibble","error":{"message":"no faces"}}`:      `(last seen unknown, the relay's "wibble", with the error: no faces)`,
		`{"task_id":"task","status":"wibble"}`:                                     `(last seen unknown, the relay's "wibble")`,
		`{"code":"success","data":{"task_id":"task","status":"","progress":"0%"}}`: `(last seen unknown)`,
	} {
		synctest.Test(t, func(t *testing.T) {
			client, _ := inTurn(t, reply{200, body, ""})
			_, err := client.Wait(t.Context(), "task", xiexus.WithMaxWait(5*time.Second))
			require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
			require.ErrorContains(t, err, want)
		})
	}
}

// Whatever is not about the task, or is not the relay's, passes.
func TestWait_PassesOverResponsesOfOthers(t *testing.T) {
	page := "<html><h1>nginx</h1></html>"
	tests := map[string]reply{
		"400 page": {400, page, ""}, "401 page": {401, page, ""}, "403 page": {403, page, ""}, "404 page": {404, page, ""}, "410 page": {410, page, ""},
		"400 text": {400, "bad request", ""}, "401 text": {401, "database is locked", ""}, "404 text": {404, "404 page not found", ownHeader},
		"403 empty": {403, "", ""}, "404 empty": {404, "", ownHeader},
		"404 of Spring":                {404, `{"timestamp":1,"status":404,"error":"Not Found","path":"/v1"}`, ""},
		"403 of a gateway":             {403, `{"message":"Forbidden"}`, ""},
		"404 of Kong":                  {404, `{"message":"no Route matched with those values","request_id":"x"}`, ""},
		"404 with its status as code":  {404, `{"code":404,"message":"not found","data":null}`, ""},
		"a failure without an ID":      {200, `{"status":"failed","message":"Too Many Requests"}`, ""},
		"another task's video":         {200, `{"task_id":"other","status":"completed","url":"https://cdn.example.com/other.mp4"}`, ""},
		"another task's failure":       {200, `{"code":"success","data":{"task_id":"other","status":"FAILURE","fail_reason":"x"}}`, ""},
		"the relay's own upstream key": {401, `{"code":"fail_to_fetch_task","message":"Incorrect API key","data":null}`, ownHeader},
	}
	for name, other := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, requests := inTurn(t, reply{200, running, ""}, other, other, other, reply{200, completed, ""})
				task, err := client.Wait(t.Context(), "task")
				require.NoError(t, err)
				require.Equal(t, video, task.URL)
				require.Equal(t, 5, *requests)
			})
		})
	}
}

func TestWait_EndsWithAPermanentResponseOfTheRelay(t *testing.T) {
	tests := []struct {
		name string
		reply
		want error
	}{
		{"banned", reply{403, `{"error":{"code":"","message":"User has been banned","type":"new_api_error"}}`, ""}, xiexus.ErrForbidden},
		{"not found", reply{400, `{"code":"task_not_exist","message":"task_not_exist","data":null}`, ""}, xiexus.ErrTaskNotFound},
		{"not found, as documented", reply{404, `{"error":{"message":"no such task","type":"invalid_request_error","param":"task_id","code":"not_found"}}`, ""}, xiexus.ErrTaskNotFound},
		{"another code, with the relay's request ID", reply{403, `{"code":50001,"message":"no"}`, ownHeader}, xiexus.ErrForbidden},
		{"403 in a 200", reply{200, `{"code":403,"message":"no access","data":null}`, ""}, xiexus.ErrForbidden},
		{"404 in a 200", reply{200, `{"code":404,"message":"no such task"}`, ""}, xiexus.ErrTaskNotFound},
		{"404 as text in a 200", reply{200, `{"error":{"code":"404","message":"no such task"}}`, ""}, xiexus.ErrTaskNotFound},
		{"no quota in a 200", reply{200, `{"success":false,"message":"insufficient_user_quota"}`, ""}, xiexus.ErrQuotaExceeded},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				slow := reply{200, running, "Retry-After: 11"}
				client, requests := inTurn(t, slow, test.reply)
				task, err := client.Wait(t.Context(), "task")
				require.ErrorIs(t, err, test.want)
				require.Equal(t, xiexus.StatusInProgress, task.Status)
				require.Equal(t, 2, *requests)
			})
		})
	}
}

// A relay whose database fails rejects every key.
func TestWait_BelievesTheThirdRejectionOfTheKey(t *testing.T) {
	denied := reply{401, `{"error":{"message":"database is locked (request id: 1)","type":"new_api_error"}}`, ""}
	inA200 := reply{200, `{"code":401,"message":"Invalid token"}`, ""}
	seen := reply{200, running, ""}
	tests := []struct {
		name      string
		responses []reply
		requests  int
		ends      bool
	}{
		{"once", []reply{seen, denied, {200, completed, ""}}, 3, false},
		{"twice", []reply{seen, denied, denied, {200, completed, ""}}, 4, false},
		{"twice, again and again", []reply{denied, denied, seen, denied, inA200, seen, denied, {200, completed, ""}}, 8, false},
		{"after a gateway's", []reply{seen, {401, "<html>", ""}, {401, "", ""}, denied, denied, {200, completed, ""}}, 6, false},
		{"three times", []reply{seen, denied}, 4, true},
		{"from the beginning", []reply{denied}, 3, true},
		{"as the code of a 200", []reply{seen, inA200}, 4, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, wait := range waits {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						client, requests := inTurn(t, test.responses...)
						err := wait(t.Context(), client, "task")
						require.Equal(t, test.requests, *requests)
						if test.ends {
							require.ErrorIs(t, err, xiexus.ErrUnauthorized)
							return
						}
						require.NoError(t, err)
					})
				})
			}
		})
	}
}

func TestAPIError_Advice(t *testing.T) {
	tests := []struct {
		name string
		reply
		want string
		is   error
		not  error
	}{
		{"model", reply{503, `{"error":{"code":"model_not_found","message":"No available channel for model x","type":"new_api_error"}}`, ownHeader},
			"no channel serves this model; Client.Models lists those that work", xiexus.ErrModelUnavailable, xiexus.ErrUnavailable},
		{"quota of the account", reply{403, `{"code":"insufficient_user_quota","message":"quota","data":null}`, ownHeader}, "top up", xiexus.ErrQuotaExceeded, xiexus.ErrForbidden},
		{"quota of the key", reply{403, `{"code":"pre_consume_token_quota_failed","message":"quota","data":null}`, ownHeader}, "top up", xiexus.ErrQuotaExceeded, xiexus.ErrForbidden},
		{"upstream key", reply{401, `{"code":"fail_to_fetch_task","message":"{\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"x\"}}","data":null}`, ownHeader},
			"401 Unauthorized: Incorrect API key provided (code fail_to_fetch_task) (request ID req-1); the upstream rejects the relay's own key", xiexus.ErrUnavailable, xiexus.ErrUnauthorized},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, _ := inTurn(t, test.reply)
			_, err := client.Create(t.Context(), pianoCat)
			require.ErrorContains(t, err, test.want)
			require.ErrorIs(t, err, test.is)
			require.NotErrorIs(t, err, test.not)
			requireUncertain(t, false, err)
		})
	}
}

func TestDownload_CompletedWithoutAVideo(t *testing.T) {
	tests := []struct {
		name, task, content string
		status              int
		want                []string
		is                  error
	}{
		{"no URL", `{"task_id":"task","status":"completed"}`, `{"error":{"message":"Task not found","type":"invalid_request_error"}}`, 404,
			[]string{"completed, but without a URL, and the relay's video route returned 404 Not Found: Task not found"}, xiexus.ErrNoVideo},
		{"withheld by a filter", `{"code":"success","data":{"task_id":"task","status":"SUCCESS","data":{"response":{"raiMediaFilteredReasons":["no faces of children"]}}}}`,
			"", 404, []string{"without a URL", "the task reports: no faces of children"}, xiexus.ErrNoVideo},
		{"text in place of a URL", `{"task_id":"task","status":"completed","url":"v.mp4"}`, "", 404, []string{`in place of a URL the task has "v.mp4"`}, xiexus.ErrNoVideo},
		{"the relay cannot fetch it", `{"task_id":"task","status":"completed"}`, `{"error":{"message":"Failed to fetch video content","type":"server_error"}}`, 502,
			[]string{"without a URL", "502 Bad Gateway: Failed to fetch video content"}, xiexus.ErrUnavailable},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
					if strings.HasSuffix(req.URL.Path, "/content") {
						reply{test.status, test.content, ""}.write(w)
						return
					}
					reply{200, test.task, ""}.write(w)
				})
				task, err := client.Get(t.Context(), "task")
				require.NoError(t, err)
				_, err = client.Download(t.Context(), task, io.Discard)
				for _, want := range test.want {
					require.ErrorContains(t, err, want)
				}
				require.ErrorIs(t, err, test.is)
				require.NotErrorIs(t, err, xiexus.ErrTaskNotFound, "the task is there")
				var apiErr *xiexus.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, test.status, apiErr.StatusCode)
			})
		})
	}
}
