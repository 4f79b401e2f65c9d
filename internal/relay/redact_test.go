package relay_test

import (
	"bytes"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// secrets is the Redactor of these tests.
type secrets struct{}

func (secrets) Redact(text []byte) []byte {
	return bytes.ReplaceAll(text, []byte("sk-secret"), []byte("[redacted]"))
}

func TestReader_Redactor(t *testing.T) {
	reader := relay.Reader{MaxSize: 1 << 20, Redactor: secrets{}}
	t.Run("task", func(t *testing.T) {
		got, failure := read(t, reader, newResponse(http.StatusOK,
			"\xef\xbb\xbf"+`{"task_id":"t1","status":"sk-secret","format":"sk-secret","url":"https://a.example.com/?k=sk-secret","more":"sk-secret"}`))
		require.Nil(t, failure)
		require.Equal(t, "[redacted]", got.Task.RelayStatus)
		require.Equal(t, "[redacted]", got.Task.Format)
		require.Equal(t, "https://a.example.com/?k=[redacted]", got.Task.URL)
		require.NotContains(t, string(got.Task.Raw), "sk-secret")
		require.Contains(t, string(got.Task.Raw), `"more":"[redacted]"`)
	})
	t.Run("reason of a failed task", func(t *testing.T) {
		got, failure := read(t, reader, newResponse(http.StatusOK,
			`{"task_id":"t1","status":"failed","error":{"code":"sk-secret","message":"key sk-secret refused"}}`))
		require.Nil(t, failure)
		require.Equal(t, "key [redacted] refused", got.Task.Error.Message)
		require.Equal(t, "[redacted]", got.Task.ErrorCode)
	})

	cases := []struct {
		name   string
		status int
		body   string
		header string
		want   relay.Failure
	}{
		{
			"document's envelope", http.StatusUnauthorized,
			`{"error":{"message":"sk-secret is wrong (request id: sk-secret)","type":"sk-secret","param":"sk-secret","code":"sk-secret"}}`, "",
			relay.Failure{
				Message: "[redacted] is wrong (request id: [redacted])",
				Type:    "[redacted]", Param: "[redacted]", Code: "[redacted]", RequestID: "[redacted]", Relay: true,
			},
		},
		{
			"other envelope", http.StatusForbidden, `{"code":"sk-secret","message":"sk-secret"}`, "",
			relay.Failure{Message: "[redacted]", Code: "[redacted]"},
		},
		{
			"text", http.StatusBadGateway, "Authorization: Bearer sk-secret", "",
			relay.Failure{Message: "Authorization: Bearer [redacted]"},
		},
		{
			"text with 200", http.StatusOK, "Authorization: Bearer sk-secret", "",
			relay.Failure{Message: "Authorization: Bearer [redacted]"},
		},
		{
			"Location", http.StatusFound, "", "Location: https://a.example.com/?key=sk-secret",
			relay.Failure{Message: `redirect to "https://a.example.com/?key=[redacted]" not followed`},
		},
		{
			"request id in a header", http.StatusBadGateway, "", "X-Oneapi-Request-Id: for sk-secret",
			relay.Failure{RequestID: "for [redacted]"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			c.want.StatusCode = c.status
			requireFailure(t, &c.want, readError(t, reader, newResponse(c.status, c.body, c.header)))
		})
	}

	t.Run("request id of a response that is too large", func(t *testing.T) {
		resp := newResponse(http.StatusOK, `{"task_id":"t1"}`, "X-Oneapi-Request-Id: sk-secret")
		got := readError(t, relay.Reader{MaxSize: 1, Redactor: secrets{}}, resp)
		require.Equal(t, "[redacted]", got.RequestID)
	})
}

func TestReader_RequestID(t *testing.T) {
	const inside = `{"error":{"message":"Invalid token (request id: inside)"}}`
	cases := []struct {
		name, body string
		headers    []string
		want       string
	}{
		{"the relay's header", inside, []string{"X-Oneapi-Request-Id: one", "X-Request-Id: two"}, "one"},
		{"a gateway's header", inside, []string{"X-Request-Id: two"}, "two"},
		{"in a message", inside, nil, "inside"},
		{"in a message of the other envelope", `{"message":"无效的令牌 (request id: inside) 。"}`, nil, "inside"},
		{"in text", "refused (request id: inside)", nil, "inside"},
		{"empty header", inside, []string{"X-Oneapi-Request-Id: "}, "inside"},
		{"not closed", "refused (request id: inside", nil, ""},
		{"empty in the message", "refused (request id: )", nil, ""},
		{"none", "refused", nil, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, status := range []int{http.StatusUnauthorized, http.StatusOK} {
				resp := newResponse(status, c.body, c.headers...)
				require.Equal(t, c.want, readError(t, relay.Reader{MaxSize: 1 << 20}, resp).RequestID)
			}
		})
	}
}
