package xiexus_test

import (
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestCreate_WhetherTheTaskMayExist(t *testing.T) {
	const certain, uncertain = false, true
	tests := []struct {
		name string
		reply
		uncertain bool
		message   string
	}{
		// The relay's own request ID, type of error or codes make a certain rejection.
		{"a vendor's number as code", reply{500, `{"code":50412,"message":"Text Risk Not Pass","data":null}`, ownHeader}, certain, "Text Risk Not Pass (code 50412)"},
		{"a vendor's number in text", reply{500, `{"code":"50412","message":"Text Risk Not Pass","data":null}`, ownHeader}, certain, "Text Risk Not Pass (code 50412)"},
		{"a vendor's timeout", reply{504, `{"code":"fail_to_fetch_task","message":"timeout","data":null}`, ""}, certain, "timeout"},
		{"408 in the relay's words", reply{408, `{"error":{"message":"too slow","type":"new_api_error"}}`, ""}, certain, "too slow"},
		{"the relay's overload in the end", reply{503, `{"error":{"message":"busy","type":"new_api_error","code":"system_cpu_overloaded"}}`, ""}, certain, "busy"},
		{"a refusal with an ID", reply{200, `{"code":"fail","message":"no quota","data":{"task_id":"x"}}`, ""}, certain, `no quota (code fail) (about task "x")`},
		{"a 400 in a 200", reply{200, `{"code":400,"message":"prompt is required"}`, ""}, certain, "prompt is required"},
		{"no success, in the relay's words", reply{200, `{"success":false,"message":"insufficient_user_quota"}`, ""}, certain, "top up"},
		{"an error object in a 200", reply{200, `{"error":{"message":"no channel","type":"new_api_error"}}`, ""}, certain, "no channel"},
		{"a gateway's 400", reply{400, "<html>", ""}, certain, "400"},
		{"the relay's home page", reply{200, "<html>", ownHeader}, certain, "the base URL is probably wrong"},
		{"success as a number", reply{200, `{"success":0,"message":"insufficient_user_quota","task_id":"x"}`, ""}, certain, `"x"`},
		{"not followed", reply{308, "", ""}, certain, "308"},

		// What a gateway sends leaves it open.
		{"a code of Vercel's", reply{502, `{"error":{"code":"ROUTER_EXTERNAL_TARGET_ERROR"}}`, ""}, uncertain, "ROUTER_EXTERNAL_TARGET_ERROR"},
		{"a code of a cloud's", reply{503, `{"code":"ServiceUnavailable","message":"x","requestId":"1"}`, ""}, uncertain, "ServiceUnavailable"},
		{"an error of Node's", reply{520, `{"code":"ECONNRESET"}`, ""}, uncertain, "ECONNRESET"},
		{"a gateway with a request ID of its own", reply{502, `{"error":{"type":"bad_gateway","message":"x"}}`, "X-Request-Id: 1"}, uncertain, "502"},
		{"a page with the relay's request ID", reply{502, "<html>", ownHeader}, uncertain, "502"},
		{"an empty object with it", reply{500, "{}", ownHeader}, uncertain, "500"},
		{"a timeout in a 200", reply{200, `{"code":"TIMEOUT"}`, ""}, uncertain, "TIMEOUT"},
		{"a timeout with an ID", reply{200, `{"code":"TIMEOUT","task_id":"x"}`, ""}, uncertain, `"x"`},
		{"accepted without an ID", reply{202, `{"code":"accepted"}`, ""}, uncertain, "202"},
		{"created without an ID", reply{200, `{"code":201}`, ""}, uncertain, "200"},
		{"a 504 in a 200", reply{200, `{"code":504,"message":"upstream"}`, ""}, uncertain, "upstream"},
		{"a 429 in a 200", reply{200, `{"code":429,"message":"slow down"}`, ""}, uncertain, "slow down"},
		{"no success, in unknown words", reply{200, `{"success":false,"message":"m"}`, ""}, uncertain, "m"},
		{"another vendor's code", reply{200, `{"code":1007,"message":"busy","data":{"task_id":"x"}}`, ""}, uncertain, `"x"`},
		{"an error with an ID", reply{200, `{"task_id":"x","error":{"message":"lost upstream"}}`, ""}, uncertain, `"x"`},
		{"see other", reply{303, "", ""}, uncertain, "303"},
		{"a page with status 200", reply{200, "<html>504 Gateway Time-out", ""}, uncertain, "HTML page"},
		{"XML", reply{200, `<?xml version="1.0"?><task_id>x</task_id>`, ""}, uncertain, "<task_id>x"},
		{"a rate limit that names a task", reply{429, `{"message":"busy","data":{"task_id":"x"}}`, ""}, uncertain, `"x"`},
		{"an OAuth gateway's code", reply{502, `{"error":"invalid_request"}`, ""}, uncertain, "invalid_request"},
		{"a status in place of the ID", reply{200, `{"code":"success","data":"success"}`, ""}, uncertain, "no task"},
		{"another status in place of it", reply{200, `{"code":1,"result":"ok"}`, ""}, uncertain, "no task"},
		{"a log ID and a message", reply{200, `{"request_id":"log-1","message":"upstream busy"}`, ""}, uncertain, "upstream busy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, requests := inTurn(t, test.reply)
				task, err := client.Create(t.Context(), pianoCat)
				require.Nil(t, task)
				requireUncertain(t, test.uncertain, err)
				require.ErrorContains(t, err, test.message)
				var apiErr *xiexus.APIError
				require.ErrorAs(t, err, &apiErr)
				require.Equal(t, test.body, apiErr.Body)
				if test.uncertain {
					require.Equal(t, 1, *requests)
				}
			})
		})
	}
}

func TestCreate_IsNotSentAgainAfterAResponseThatNamesATask(t *testing.T) {
	for _, r := range []reply{
		{429, `{"code":"x","message":"busy","data":{"task_id":"task"}}`, ownHeader},
		{429, `{"message":"busy","task_id":"task"}`, ""},
		{503, `{"code":"system_cpu_overloaded","message":"busy","data":{"task_id":"task"}}`, ownHeader},
		{200, `{"code":429,"message":"busy","data":{"task_id":"task"}}`, ownHeader},
	} {
		client, requests := inTurn(t, r)
		_, err := client.Create(t.Context(), pianoCat)
		require.Equal(t, 1, *requests, r.body)
		var apiErr *xiexus.APIError
		require.ErrorAs(t, err, &apiErr)
		require.Equal(t, "task", apiErr.TaskID)
	}
}

func TestCreate_IsSentAgainWhenTheRelayIsOverloaded(t *testing.T) {
	for _, code := range []string{"system_cpu_overloaded", "system_memory_overloaded", "system_disk_overloaded"} {
		synctest.Test(t, func(t *testing.T) {
			client, requests := inTurn(t, reply{503, `{"error":{"message":"busy","type":"new_api_error","code":"` + code + `"}}`, ""},
				reply{200, `{"id":"task","task_id":"task","status":"queued"}`, ""})
			task, err := client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			require.Equal(t, "task", task.TaskID)
			require.Equal(t, 2, *requests)
		})
	}
}

func TestCreate_StatusOfTheResponse(t *testing.T) {
	for body, want := range map[string]string{
		`{"task_id":"t","status":"wibble"}`:                                "queued",
		`{"task_id":"t","status":""}`:                                      "queued",
		`{"task_id":"t","status":"success"}`:                               "queued",
		`{"status":"ok","data":{"task_id":"t"}}`:                           "queued",
		`{"task_id":"t","status":"processing"}`:                            "in_progress",
		`{"task_id":"t","status":"completed","url":"` + video + `"}`:       "completed",
		`{"task_id":"t","status":"failed","error":{"message":"no faces"}}`: "failed",
	} {
		client, _ := inTurn(t, reply{200, body, ""})
		task, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err, body)
		require.EqualValues(t, want, task.Status, body)
	}
}
