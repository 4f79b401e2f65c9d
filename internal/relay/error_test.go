package relay_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
)

const notExist = `{"code":"task_not_exist","message":"task_not_exist","data":null}`

const jsonType = "Content-Type: application/json; charset=utf-8"

// errorResponses are also seeds for fuzzing.
var errorResponses = []struct {
	name    string
	status  int
	body    string
	headers []string
	want    relay.Failure // without StatusCode
}{
	// Responses of the status route.
	{
		"unknown id: 400 where the document says 404", http.StatusBadRequest, notExist, []string{jsonType, "X-Oneapi-Request-Id: r1"},
		relay.Failure{Relay: true, Code: "task_not_exist", Message: "task_not_exist", RequestID: "r1"},
	},
	{
		"unknown id as documented", http.StatusNotFound,
		`{"error":{"message":"no such task","type":"invalid_request_error","param":"task_id","code":"not_found"}}`, []string{jsonType},
		relay.Failure{
			Worded: true, Message: "no such task", Type: "invalid_request_error", Param: "task_id", Code: "not_found",
		},
	},
	{
		"no key: no param, an empty code, the request id inside the message", http.StatusUnauthorized,
		`{"error":{"code":"","message":"Invalid token (request id: r2)","type":"new_api_error"}}`, []string{jsonType},
		relay.Failure{Relay: true, Message: "Invalid token (request id: r2)", Type: "new_api_error", RequestID: "r2"},
	},
	{
		"no key, in another language", http.StatusUnauthorized,
		`{"error":{"code":"","message":"无效的令牌 (request id: r2)","type":"new_api_error"}}`, []string{jsonType, "X-Oneapi-Request-Id: r3"},
		relay.Failure{Relay: true, Message: "无效的令牌 (request id: r2)", Type: "new_api_error", RequestID: "r3"},
	},
	{
		"user banned", http.StatusForbidden, `{"error":{"message":"user banned","type":"new_api_error","code":null}}`, nil,
		relay.Failure{Relay: true, Message: "user banned", Type: "new_api_error"},
	},
	{
		"model-limited key and an unknown id", http.StatusForbidden, `{"error":{"message":"no access to model","code":"model_not_allowed"}}`, nil,
		relay.Failure{Message: "no access to model", Code: "model_not_allowed"},
	},
	{
		"slash in an id", http.StatusNotFound,
		`{"error":{"message":"Invalid URL (GET /v1/video/generations/a/b)","type":"invalid_request_error","param":"","code":""}}`, nil,
		relay.Failure{Worded: true, Message: "Invalid URL (GET /v1/video/generations/a/b)", Type: "invalid_request_error"},
	},
	{
		"too many requests: 429 with an empty body", http.StatusTooManyRequests, "", []string{"Retry-After: 180"},
		relay.Failure{RetryAfter: 3 * time.Minute},
	},
	{
		"a gateway's 429 without Retry-After", http.StatusTooManyRequests, "slow down\n", []string{"Content-Type: text/plain"},
		relay.Failure{Message: "slow down"},
	},
	{
		"broken row", http.StatusInternalServerError, `{"code":"get_task_failed","message":"sql: broken","data":null}`, nil,
		relay.Failure{Relay: true, Code: "get_task_failed", Message: "sql: broken"},
	},
	{
		"no channel for the model", http.StatusServiceUnavailable,
		`{"error":{"message":"no channel","type":"new_api_error","code":"model_not_found"}}`, []string{"Retry-After: 7"},
		relay.Failure{
			Relay: true, Message: "no channel", Type: "new_api_error", Code: "model_not_found", RetryAfter: 7 * time.Second,
		},
	},
	{
		"bad escape in the path", http.StatusBadRequest, "400 Bad Request", []string{"Content-Type: text/plain; charset=utf-8"},
		relay.Failure{Message: "400 Bad Request"},
	},
	{
		"huge URL", http.StatusRequestHeaderFieldsTooLarge, "431 Request Header Fields Too Large", []string{"Content-Type: text/plain"},
		relay.Failure{Message: "431 Request Header Fields Too Large"},
	},

	// Responses of the content route, and to create requests.
	{
		"not completed", http.StatusBadRequest,
		`{"error":{"message":"Task is not completed yet, current status: IN_PROGRESS","type":"invalid_request_error"}}`, []string{jsonType, "X-Oneapi-Request-Id: r4"},
		relay.Failure{Relay: true, Message: "Task is not completed yet, current status: IN_PROGRESS", Type: "invalid_request_error", RequestID: "r4"},
	},
	{
		"completed without a URL", http.StatusBadGateway,
		`{"error":{"message":"Failed to fetch video content","type":"server_error"}}`, []string{jsonType, "X-Oneapi-Request-Id: r5"},
		relay.Failure{Relay: true, Message: "Failed to fetch video content", Type: "server_error", RequestID: "r5"},
	},
	{
		"an upstream's 500, as JSON in the message", http.StatusInternalServerError,
		`{"code":"fail_to_fetch_task","message":"{\"error\": {\"message\": \"upstream boom\", \"type\": \"server_error\"}}","data":null}`, []string{jsonType},
		relay.Failure{Relay: true, Message: "upstream boom", Code: "fail_to_fetch_task"},
	},
	{
		"a vendor's number as code", http.StatusInternalServerError,
		`{"code":50412,"message":"Text Risk Not Pass","data":null}`, []string{jsonType, "X-Oneapi-Request-Id: r6"},
		relay.Failure{Relay: true, Message: "Text Risk Not Pass", Code: "50412", RequestID: "r6"},
	},
	{
		"no quota", http.StatusForbidden, `{"code":"insufficient_user_quota","message":"用户额度不足","data":null}`, []string{jsonType},
		relay.Failure{Relay: true, Message: "用户额度不足", Code: "insufficient_user_quota"},
	},
	{
		"no model", http.StatusBadRequest,
		`{"error":{"code":"","message":"Model name not specified (request id: r7)","type":"new_api_error"}}`, []string{jsonType},
		relay.Failure{Relay: true, Message: "Model name not specified (request id: r7)", Type: "new_api_error", RequestID: "r7"},
	},

	// The envelopes, mixed and malformed.
	{
		"code is a number", http.StatusBadRequest, `{"error":{"message":"bad","code":1001}}`, nil,
		relay.Failure{Message: "bad", Code: "1001"},
	},
	{
		"code is an object", http.StatusBadRequest, `{"error":{"message":"bad","code":{"a":1},"type":["x"],"param":true}}`, nil,
		relay.Failure{Worded: true, Message: "bad", Type: "x", Param: "true"},
	},
	{
		"code is missing", http.StatusBadRequest, `{"error":{"message":"bad"}}`, nil,
		relay.Failure{Message: "bad"},
	},
	{
		"other envelope, code is a number", http.StatusBadGateway, `{"code":502,"message":"upstream"}`, nil,
		relay.Failure{Message: "upstream", Code: "502"},
	},
	{
		"other envelope, code is null", http.StatusBadGateway, `{"code":null,"message":"upstream"}`, nil,
		relay.Failure{Message: "upstream"},
	},
	{
		"both envelopes: the inner one first", http.StatusBadRequest, `{"code":"outer","message":"outer","error":{"message":"inner"}}`, nil,
		relay.Failure{Message: "inner", Code: "outer"},
	},
	{
		"error is null", http.StatusBadRequest, `{"error":null,"code":"task_not_exist"}`, nil,
		relay.Failure{Relay: true, Code: "task_not_exist"},
	},
	{
		"error is a string", http.StatusForbidden, `{"error":"not allowed"}`, nil,
		relay.Failure{Message: "not allowed"},
	},
	{
		"error is an array", http.StatusForbidden, `{"error":["no"],"message":"not allowed"}`, nil,
		relay.Failure{Message: "no"},
	},
	{"body is an array", http.StatusForbidden, `["no"]`, nil, relay.Failure{Message: "no"}},
	{"cut JSON", http.StatusBadGateway, `{"error":{"message":"up`, nil, relay.Failure{}},
	{"invalid JSON", http.StatusBadGateway, `{error}`, nil, relay.Failure{}},

	// The relay's own format, and what gateways send.
	{
		"an upstream's type, with the relay's request id in the message", http.StatusInternalServerError,
		`{"error":{"message":"m (request id: 7)","type":"server_error"}}`, nil,
		relay.Failure{Relay: true, Message: "m (request id: 7)", Type: "server_error", RequestID: "7"},
	},
	{
		"a number as code, with a request id", http.StatusBadGateway, `{"code":502,"message":"bad gateway"}`, []string{"X-Request-Id: r"},
		relay.Failure{Message: "bad gateway", Code: "502", RequestID: "r"},
	},
	{
		"a gateway's type and a number as code", http.StatusBadGateway, `{"error":{"code":"502","type":"bad_gateway"}}`, nil,
		relay.Failure{Code: "502", Type: "bad_gateway"},
	},
	{
		"a code beyond an integer", http.StatusBadGateway, `{"code":99999999999999999999}`, nil,
		relay.Failure{Code: "99999999999999999999"},
	},
	{
		"HTML", http.StatusBadGateway, "<html><h1>502 Bad Gateway</h1></html>", []string{"Content-Type: text/html"},
		relay.Failure{Message: "HTML page instead of JSON", Page: true},
	},
	{
		"HTML without the content type", http.StatusBadGateway, "\n <!DOCTYPE html>", nil,
		relay.Failure{Message: "HTML page instead of JSON", Page: true},
	},
	{
		"JSON with the content type of HTML", http.StatusBadRequest, notExist, []string{"Content-Type: text/html"},
		relay.Failure{Relay: true, Code: "task_not_exist", Message: "task_not_exist"},
	},
	{"empty", http.StatusBadGateway, "", nil, relay.Failure{}},
	{"white space", http.StatusBadGateway, " \r\n", nil, relay.Failure{}},
	{
		"text of several lines", http.StatusServiceUnavailable, "\r\n upstream connect error \r\nreset before headers", nil,
		relay.Failure{Message: "upstream connect error"},
	},
	{
		"long text", http.StatusServiceUnavailable, strings.Repeat("错", 5000), nil,
		relay.Failure{Message: strings.Repeat("错", 200) + "…"},
	},
	{
		"text that is not UTF-8", http.StatusServiceUnavailable, "over\xffload", nil,
		relay.Failure{Message: "over\ufffdload"},
	},
}

func TestReader_ErrorResponses(t *testing.T) {
	for _, c := range errorResponses {
		t.Run(c.name, func(t *testing.T) {
			c.want.StatusCode = c.status
			got := readError(t, relay.Reader{MaxSize: 1 << 20}, newResponse(c.status, c.body, c.headers...))
			requireFailure(t, &c.want, got)
		})
	}
}

// The body only explains an error: a broken one changes nothing else.
func TestReader_ErrorWithBrokenBody(t *testing.T) {
	cut := errors.New("connection reset")
	cases := []struct {
		name   string
		body   io.Reader
		length int64
		code   string
	}{
		{"shorter than its length", io.MultiReader(strings.NewReader(notExist), failing{io.ErrUnexpectedEOF}), 5000, "task_not_exist"},
		{"unknown length, reset at the end", io.MultiReader(strings.NewReader(notExist), failing{cut}), -1, "task_not_exist"},
		{"reset in the middle", io.MultiReader(strings.NewReader(notExist[:20]), failing{cut}), int64(len(notExist)), ""},
		{"reset at once", failing{cut}, -1, ""},
		{"length but no body, as for HEAD", http.NoBody, 500, ""},
		{"no body", http.NoBody, 0, ""},
		{"length larger than the limit", strings.NewReader(notExist), 1 << 40, "task_not_exist"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			resp := newResponse(http.StatusNotFound, "")
			resp.Body, resp.ContentLength = &tracked{Reader: c.body}, c.length
			got := readError(t, relay.Reader{MaxSize: 1 << 20}, resp)
			requireFailure(t, &relay.Failure{
				StatusCode: http.StatusNotFound, Code: c.code, Message: c.code, Relay: c.code != "",
			}, got)
		})
	}
}

// failing is a body that ends in an error.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
