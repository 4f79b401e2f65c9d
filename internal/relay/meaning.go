package relay

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
)

// Meaning is what a response that is not a task means.
type Meaning int

// The meanings.
const (
	Unexpected       Meaning = iota // not a relay's response to this request
	Rejected                        // another 4xx
	Invalid                         // the request cannot be right
	NotFound                        // there is no such task
	Unauthorized                    // the key is wrong
	Forbidden                       // the key may not do this
	QuotaExceeded                   // the account has to be topped up
	ModelUnavailable                // no channel of the relay serves the model
	RateLimited                     // too many requests
	Overloaded                      // the relay has not looked at the request
	Unavailable                     // the relay, or its upstream, cannot handle the request now
)

// meanings says what responses mean. The first line that matches applies. A line without
// codes matches any; the statuses are a range. Of a 2xx, the status is its code.
var meanings = []struct {
	codes    []string
	from, to int
	meaning  Meaning
}{
	{[]string{"task_not_exist", "task_not_found"}, 0, 499, NotFound}, // New API: with 400
	{[]string{"insufficient_user_quota", "pre_consume_token_quota_failed", "insufficient_quota", "insufficient_balance"}, 0, 999, QuotaExceeded},
	{[]string{"model_not_found"}, 0, 999, ModelUnavailable}, // New API: with 503
	{[]string{"system_cpu_overloaded", "system_memory_overloaded", "system_disk_overloaded"}, 503, 503, Overloaded},
	{[]string{"fail_to_fetch_task"}, 401, 401, Unavailable}, // New API: its own key for the upstream is wrong
	{[]string{"fail_to_fetch_task"}, 403, 403, Unavailable}, // the same, or its own quota is used up
	{nil, 400, 400, Invalid},
	{nil, 401, 401, Unauthorized},
	{nil, 402, 402, QuotaExceeded},
	{nil, 403, 403, Forbidden},
	{nil, 404, 404, NotFound},
	{nil, 408, 408, Unavailable},
	{nil, 410, 410, NotFound},
	{nil, 429, 429, RateLimited},
	{nil, 400, 499, Rejected},
	{nil, 500, 999, Unavailable},
	{nil, 0, 399, Unexpected},
}

// MeaningOf returns what a response with a status and a code means.
func MeaningOf(status int, code string) Meaning {
	status = effective(status, code)
	for _, line := range meanings {
		if line.from <= status && status <= line.to && (line.codes == nil || slices.Contains(line.codes, code)) {
			return line.meaning
		}
	}
	return Unexpected
}

// effective returns the status of a response, or, if that is a 2xx, the one that its code
// is.
func effective(status int, code string) int {
	if number, err := strconv.Atoi(code); err == nil && status/100 == 2 && 400 <= number && number <= 599 {
		return number
	}
	return status
}

// ownCodes are codes of New API's that nothing else is known to send. With one of these, the
// relay itself has rejected a request.
var ownCodes = []string{
	"task_not_exist", "get_task_failed", "get_tasks_failed", "marshal_response_failed", "fail_to_fetch_task",
	"invalid_request", "invalid_api_platform", "insufficient_user_quota", "pre_consume_token_quota_failed",
	"insufficient_quota", "model_not_found", "model_price_error", "sensitive_words_detected", "prompt_blocked",
	"build_request_failed", "do_request_failed", "read_response_body_failed", "get_channel_failed",
	"gen_relay_info_failed", "convert_request_failed", "read_request_body_failed", "bad_request_body",
	"count_token_failed", "system_cpu_overloaded", "system_memory_overloaded", "system_disk_overloaded",
}

func isOwnCode(code string) bool { return slices.Contains(ownCodes, code) }

// isAccepted reports whether the code of a 2xx means success.
func isAccepted(code string) bool {
	number, err := strconv.Atoi(code)
	if err == nil {
		return number == 0 || 200 <= number && number <= 299
	}
	status := Translate(code)
	return code == "" || status != StatusUnknown && status != gen.VideoTaskStatusFailed
}

// isRefusal reports whether the code of a 2xx can only mean that the request was not
// accepted. Others, such as a timeout's, leave that open.
func isRefusal(code string) bool {
	switch strings.ToLower(code) {
	case "fail", "failed", "failure", "rejected":
		return true
	}
	switch status := effective(http.StatusOK, code); status {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, statusClientClosed:
		return false
	default:
		return isOwnCode(code) || status/100 == 4
	}
}

// statusClientClosed is nginx's status for a request whose client has gone away.
const statusClientClosed = 499
