package xiexus_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// secret is the part of the key that must not be seen: a relay may drop the prefix.
var secret = strings.TrimPrefix(testKey, "sk-")

// inEveryForm prints a value in all the ways that programs do.
func inEveryForm(v any) string {
	var out strings.Builder
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
		fmt.Fprintf(&out, verb+"\n", v)
		fmt.Fprintf(&out, verb+"\n", []any{v, &v, struct{ hidden any }{v}, map[string]any{"k": v}})
	}
	fmt.Fprintln(&out, v)
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "v", v)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "v", v)
	encoded, _ := json.Marshal(v)
	out.Write(encoded)
	return out.String()
}

// echo is a relay that repeats the key wherever it can.
func echo(status int) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		header := req.Header.Get("Authorization")
		w.Header().Set("X-Oneapi-Request-Id", header)
		w.Header().Set("Content-Encoding", header)
		w.Header().Set("Location", "https://elsewhere.example.com/?key="+strings.TrimPrefix(header, "Bearer "))
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"error":{"message":%q,"type":%q,"code":%q,"param":%q}}`,
			header, header, header, strings.TrimPrefix(header, "Bearer sk-"))
	}
}

func TestClient_KeyIsNotPrinted(t *testing.T) {
	client := newClient(t, newRelay(t))
	for name, value := range map[string]any{
		"client":       client,
		"client value": *client,
		"API":          client.API(),
		"option":       xiexus.WithAPIKey(testKey),
		"key function": xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotContains(t, inEveryForm(value), secret)
		})
	}
}

// requireNoKey checks an error and all that it wraps. Errors may show headers in lower case.
func requireNoKey(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for ; err != nil; err = errors.Unwrap(err) {
		require.NotContains(t, strings.ToLower(inEveryForm(err)), strings.ToLower(secret))
	}
}

func TestClient_KeyIsNotInErrors(t *testing.T) {
	client := newClient(t, newRelay(t))
	tests := map[string]func() error{
		"key as base URL": func() error {
			_, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(testKey))
			return err
		},
		"two keys": func() error {
			_, err := xiexus.New(xiexus.WithAPIKey(testKey + " " + testKey))
			return err
		},
		"key as task id": func() error {
			_, err := client.Get(t.Context(), testKey)
			return err
		},
		"key as model": func() error {
			_, err := clientOf(t, echo(http.StatusBadRequest)).Create(t.Context(), xiexus.CreateRequest{Model: testKey, Prompt: "x"})
			return err
		},
		"uncertain create": func() error {
			_, err := clientOf(t, echo(http.StatusSeeOther)).Create(t.Context(), pianoCat)
			requireUncertain(t, true, err)
			return err
		},
		"wait": func() error {
			_, err := clientOf(t, echo(http.StatusForbidden)).Wait(t.Context(), "task")
			require.ErrorAs(t, err, new(*xiexus.WaitError))
			return err
		},
		"transport": func() error {
			broken := roundTrip(func(req *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("cannot send %v", req.Header)
			})
			_, err := clientOf(t, nil, xiexus.WithHTTPClient(&http.Client{Transport: broken})).Get(t.Context(), "task")
			require.ErrorIs(t, err, xiexus.ErrUnavailable)
			return err
		},
	}
	for name, fail := range tests {
		t.Run(name, func(t *testing.T) { requireNoKey(t, fail()) })
	}
}

func TestClient_KeyIsNotInResponses(t *testing.T) {
	keys := map[string]xiexus.Option{
		"key":          xiexus.WithAPIKey(testKey),
		"key function": xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }),
	}
	for name, key := range keys {
		for _, status := range []int{200, 301, 302, 307, 400, 401, 403, 404, 429, 500} {
			t.Run(fmt.Sprint(name, " ", status), func(t *testing.T) {
				_, err := clientOf(t, echo(status), key).Get(t.Context(), "task")
				requireNoKey(t, err)
				var apiErr *xiexus.APIError
				require.ErrorAs(t, err, &apiErr)
				require.NotContains(t, inEveryForm(*apiErr), secret)
			})
		}
		t.Run(name+" in a task", func(t *testing.T) {
			task, err := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
				_, _ = fmt.Fprintf(w, `{"task_id":"task","status":"failed","error":{"message":%q}}`, req.Header.Get("Authorization"))
			}, key).Get(t.Context(), "task")
			require.NoError(t, err)
			require.NotContains(t, inEveryForm(task), secret)
			require.NotContains(t, inEveryForm(string(task.Raw)), secret)
			requireNoKey(t, task.Err())
		})
	}
}

func TestClient_KeyIsNotInDumps(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", endless)
	resp := viaAPI(t, newClient(t, relay))
	dump, err := httputil.DumpRequestOut(resp.Request, false)
	require.NoError(t, err)
	require.NotContains(t, string(dump)+fmt.Sprintf("%+v %+v", resp, resp.Request), secret)
}

func TestClient_KeyIsNotLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Minute, video))
		relay.Fail("task", xiexustest.TransientFaults()...)
		relay.FailCreates(xiexustest.Fault{Status: http.StatusTooManyRequests})
		var log strings.Builder
		client := newClient(t, relay, xiexus.WithLogger(loggerTo(&log)))
		_, err := client.Create(t.Context(), pianoCat)
		require.NoError(t, err)
		_, err = client.Get(t.Context(), "task")
		require.Error(t, err)
		_, err = client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Contains(t, log.String(), "level=DEBUG")
		require.Contains(t, log.String(), "level=WARN")
		require.NotContains(t, log.String(), secret)
		require.NotContains(t, log.String(), pianoCat.Prompt)
	})
}

// net/http's own errors quote malformed HTTP, and JSON escapes hide a key from a search.
func TestClient_KeyInMalformedResponses(t *testing.T) {
	escaped := strings.ReplaceAll(secret, "K", `\u004b`)
	require.NotEqual(t, secret, escaped)
	responses := map[string]string{
		"header line":       "HTTP/1.1 200 OK\r\nAuthorization Bearer sk-" + secret + "\r\n\r\n",
		"status code":       "HTTP/1.1 sk-" + secret + "\r\n\r\n",
		"content length":    "HTTP/1.1 200 OK\r\nContent-Length: sk-" + secret + "\r\n\r\n",
		"transfer encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: sk-" + secret + "\r\n\r\n",
		"invalid location":  "HTTP/1.1 302 Found\r\nLocation: http://[::1%sk-" + secret + "\r\nContent-Length: 0\r\n\r\n",
		"same origin":       "HTTP/1.1 302 Found\r\nLocation: /x?token=" + secret + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"escaped task": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
			`{"task_id":"` + escaped + `","status":"` + escaped + `","format":"` + escaped + `","url":"https://cdn/` + escaped + `"}`,
		"escaped error": "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n" + `{"error":{"message":"` + escaped + `"}}`,
	}
	for name, response := range responses {
		t.Run(name, func(t *testing.T) {
			var log strings.Builder
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(serveRaw(t, response)),
				xiexus.WithMaxRetries(0), xiexus.WithLogger(loggerTo(&log)))
			require.NoError(t, err)
			defer client.CloseIdleConnections()
			task, err := client.Get(t.Context(), "task")
			require.NotContains(t, log.String(), secret)
			if err != nil {
				requireNoKey(t, err)
				return
			}
			require.NotContains(t, inEveryForm(task)+string(task.Raw), secret)
			require.NotContains(t, string(task.Raw), escaped)
		})
	}
}

// serveRaw returns the address of a server that responds to each request with the same
// bytes and closes the connection.
func serveRaw(t *testing.T, response string) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 4096))
			_, _ = io.WriteString(conn, response)
			_ = conn.Close()
		}
	}()
	return listener.Addr().String()
}
