package xiexus_test

import (
	"bytes"
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

func TestTheKeyIsNeverPrinted(t *testing.T) {
	client := newClient(t, newRelay(t))
	echo := func(status int) http.HandlerFunc { // a relay that repeats the key wherever it can
		return func(w http.ResponseWriter, req *http.Request) {
			said := req.Header.Get("Authorization")
			w.Header().Set("X-Oneapi-Request-Id", said)
			w.Header().Set("Location", "https://elsewhere.example.com/?key="+strings.TrimPrefix(said, "Bearer "))
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, `{"error":{"message":%q,"type":%q,"code":%q,"param":%q}}`, said, said, said, strings.TrimPrefix(said, "Bearer sk-"))
		}
	}
	values := map[string]any{
		"client":       client,
		"client value": *client,
		"API":          client.API(),
		"option":       xiexus.WithAPIKey(testKey),
		"function":     xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }),
	}
	for _, status := range []int{200, 301, 302, 307, 400, 401, 403, 404, 429, 500} {
		_, err := clientOf(t, echo(status)).Get(t.Context(), "task")
		require.Error(t, err)
		values[fmt.Sprint("error of a ", status)] = err
		var answer *xiexus.APIError
		require.ErrorAs(t, err, &answer)
		values[fmt.Sprint("APIError of a ", status)] = *answer
	}
	task, err := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		_, _ = fmt.Fprintf(w, `{"task_id":"task","status":"failed","error":{"message":%q}}`, req.Header.Get("Authorization"))
	}).Get(t.Context(), "task")
	require.NoError(t, err)
	values["task"], values["raw"], values["task error"] = task, string(task.Raw), task.Err()

	_, err = xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(testKey))
	require.Error(t, err)
	values["key as base URL"] = err
	_, err = xiexus.New(xiexus.WithAPIKey(testKey + " " + testKey))
	require.Error(t, err)
	values["two keys"] = err

	_, err = client.Get(t.Context(), testKey)
	require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
	values["key as id"] = err

	for name, value := range values {
		t.Run(name, func(t *testing.T) {
			require.NotContains(t, inEveryForm(value), testKey[3:])
		})
	}
}

func TestTheKeyIsNeverLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Minute, video))
		relay.Fail("task", xiexustest.TransientFaults()...)
		var log bytes.Buffer
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		client := newClient(t, relay, xiexus.WithLogger(logger))
		_, err := client.Get(t.Context(), "task")
		require.Error(t, err)
		_, err = client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Contains(t, log.String(), "level=DEBUG")
		require.Contains(t, log.String(), "level=WARN")
		require.NotContains(t, log.String(), testKey[3:])
	})
}

func TestTheKeyIsInNoDumpOfAnAnswer(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", endless)
	resp := viaAPI(t, newClient(t, relay), "task")
	dump, err := httputil.DumpRequestOut(resp.Request, false)
	require.NoError(t, err)
	require.NotContains(t, string(dump)+fmt.Sprintf("%+v %+v", resp, resp.Request), testKey[3:])
}

// A relay that speaks bad HTTP has the key quoted by net/http's own errors, and
// one that escapes its JSON hides the key from a search.
func TestTheKeyIsNotInWhatOddAnswersMakeOfIt(t *testing.T) {
	const bare = "T3stK3yThatMustNotBeSeen"
	escaped := strings.ReplaceAll(bare, "K", `\u004b`)
	answers := map[string]string{
		"header line":       "HTTP/1.1 200 OK\r\nAuthorization Bearer sk-" + bare + "\r\n\r\n",
		"status code":       "HTTP/1.1 sk-" + bare + "\r\n\r\n",
		"content length":    "HTTP/1.1 200 OK\r\nContent-Length: sk-" + bare + "\r\n\r\n",
		"transfer encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: sk-" + bare + "\r\n\r\n",
		"bad location":      "HTTP/1.1 302 Found\r\nLocation: http://[::1%sk-" + bare + "\r\nContent-Length: 0\r\n\r\n",
		"same origin":       "HTTP/1.1 302 Found\r\nLocation: /x?token=" + bare + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
		"escaped task": "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" +
			`{"task_id":"` + escaped + `","status":"` + escaped + `","format":"` + escaped + `","url":"https://cdn/` + escaped + `"}`,
		"escaped error": "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\n\r\n" + `{"error":{"message":"` + escaped + `"}}`,
	}
	for name, answer := range answers {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer func() { _ = listener.Close() }()
			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = io.WriteString(conn, answer)
					_ = conn.Close()
				}
			}()
			var log bytes.Buffer
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(listener.Addr().String()), xiexus.WithMaxRetries(0),
				xiexus.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			require.NoError(t, err)
			defer client.CloseIdleConnections()
			task, err := client.Get(t.Context(), "task")
			for e := err; e != nil; e = errors.Unwrap(e) {
				require.NotContains(t, inEveryForm(e), bare)
			}
			if task != nil {
				require.NotContains(t, inEveryForm(task)+string(task.Raw), bare)
				require.NotContains(t, string(task.Raw), escaped)
			}
			require.NotContains(t, log.String(), bare)
		})
	}
}
