package xiexus_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// texts returns the texts of an error and of all that it wraps.
func texts(err error) []string {
	all := []string{err.Error()}
	switch wrapped := err.(type) { //nolint:errorlint // one after another
	case interface{ Unwrap() error }:
		if inner := wrapped.Unwrap(); inner != nil {
			all = append(all, texts(inner)...)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range wrapped.Unwrap() {
			all = append(all, texts(inner)...)
		}
	}
	return all
}

// requireFit checks that an error and all that it wraps is fit for a terminal, and does not
// reveal the key.
func requireFit(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for _, text := range texts(err) {
		require.NotContains(t, strings.ToLower(text), strings.ToLower(secret))
		require.Equal(t, -1, strings.IndexFunc(text, func(r rune) bool {
			return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
		}), "%q", text)
	}
	requireNoKey(t, err)
}

// unfit is what a terminal must not get: it would set the clipboard, clear the screen and
// reverse the text. The key is part of it.
const unfit = "\x1b]52;c;aGk=\x07\x1b[2J\u202egnp.exe\u2066\u200b\x9b31m sk-T3stK3yThatMustNotBeSeen"

// hostileResponses are responses that net/http quotes, or of which we do.
var hostileResponses = map[string]string{
	"status line":       "HTTP/1.1 " + unfit + "\r\n\r\n",
	"no HTTP":           unfit + "\r\n\r\n",
	"reason":            "HTTP/1.1 407 " + unfit + "\r\nContent-Length: 0\r\n\r\n",
	"header":            "HTTP/1.1 200 OK\r\n" + unfit + "\r\n\r\n",
	"transfer encoding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: " + unfit + "\r\n\r\n",
	"content length":    "HTTP/1.1 200 OK\r\nContent-Length: " + unfit + "\r\n\r\n",
	"content type":      "HTTP/1.1 200 OK\r\nContent-Type: text/html;" + secret + "\r\nContent-Length: 2\r\n\r\n{}",
	"content encoding":  "HTTP/1.1 200 OK\r\nContent-Encoding: " + secret + "\r\nContent-Length: 2\r\n\r\n{}",
	"encoded":           "HTTP/1.1 200 OK\r\nContent-Encoding: " + unfit + "\r\nContent-Length: 2\r\n\r\n{}",
	"range":             "HTTP/1.1 206 OK\r\nContent-Range: bytes " + unfit + "/9\r\nContent-Length: 2\r\n\r\n{}",
	"redirect":          "HTTP/1.1 302 Found\r\nLocation: http://[::1%" + unfit + "\r\nContent-Length: 0\r\n\r\n",
	"redirect scheme":   "HTTP/1.1 302 Found\r\nLocation: " + secret + "://x/\r\nContent-Length: 0\r\n\r\n",
	"redirect away":     "HTTP/1.1 302 Found\r\nLocation: ftp://cdn/" + secret + "\r\nContent-Length: 0\r\n\r\n",
	"request ID":        "HTTP/1.1 402 No\r\nX-Request-Id: " + unfit + "\r\nContent-Length: 0\r\n\r\n",
	"message":           "HTTP/1.1 402 No\r\nConnection: close\r\n\r\n{\"error\":{\"message\":\"" + `\u001b[2J\u202e\u0073k-` + secret + "\",\"code\":\"\\u001b\",\"type\":\"\\u0007\"}}",
	"nested message":    "HTTP/1.1 402 No\r\nConnection: close\r\n\r\n{\"message\":\"{\\\"message\\\":\\\"\\\\u0054" + secret[1:] + "\\\"}\"}",
	"text":              "HTTP/1.1 402 No\r\nConnection: close\r\n\r\n" + unfit,
	"chunk":             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + unfit + "\r\n",
	"trailer":           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n1\r\n{\r\n0\r\n" + unfit + "\r\n\r\n",
	"trailer of a film": "HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n" + unfit + "\r\n\r\n",
}

func TestClient_ErrorsAreFitToPrint(t *testing.T) {
	keys := map[string]xiexus.Option{
		"key":          xiexus.WithAPIKey(testKey),
		"key function": xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }),
	}
	for name, response := range hostileResponses {
		for kind, key := range keys {
			t.Run(name+", "+kind, func(t *testing.T) {
				var log strings.Builder
				server := serveRaw(t, response)
				client, err := xiexus.New(key, xiexus.WithBaseURL(server), xiexus.WithMaxRetries(0), xiexus.WithLogger(loggerTo(&log)))
				require.NoError(t, err)
				defer client.CloseIdleConnections()
				_, err = client.Get(t.Context(), "task")
				requireFit(t, err)
				_, err = client.Create(t.Context(), xiexus.CreateRequest{Model: testKey, Prompt: "a cat"})
				requireFit(t, err)
				_, _, err = client.Poll(t.Context(), xiexus.NewCursor("task"))
				requireFit(t, err)
				for _, url := range []string{"", "http://" + server + "/a.mp4", "http://localhost" + server[len("127.0.0.1"):] + "/a.mp4"} {
					_, err = client.Download(t.Context(), taskAt(url), io.Discard)
					if err != nil { // a label alone may not matter
						requireFit(t, err)
					}
				}
				require.NotContains(t, log.String(), secret)
				require.NotContains(t, log.String(), "\x1b")
			})
		}
	}
}

// A proxy responds to CONNECT with whatever it likes.
func TestClient_ErrorsOfProxiesAreFitToPrint(t *testing.T) {
	proxy := "http://" + serveRaw(t, "HTTP/1.1 407 "+unfit+"\r\nContent-Length: 0\r\n\r\n")
	proxyURL, err := url.Parse(proxy)
	require.NoError(t, err)
	network := &http.Transport{Proxy: http.ProxyURL(proxyURL)}
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL("https://relay.example.com"), xiexus.WithMaxRetries(0),
		xiexus.WithHTTPClient(&http.Client{Transport: network}), xiexus.WithDownloadTransport(network))
	require.NoError(t, err)
	for _, request := range []func() error{
		func() error { _, err := client.Get(t.Context(), "task"); return err },
		func() error { _, err := client.Create(t.Context(), pianoCat); return err },
		func() error { _, err := client.Download(t.Context(), taskAt(""), io.Discard); return err },
		func() error {
			_, err := client.Download(t.Context(), taskAt("https://cdn.example.com/a"), io.Discard)
			return err
		},
	} {
		err := request()
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		require.ErrorContains(t, err, "]52;c;aGk= [2J gnp.exe")
		requireFit(t, err)
	}
}

// The errors of a transport keep their meaning, even if their text does not stay as it is.
func TestClient_ErrorsOfTransportsAreFitToPrint(t *testing.T) {
	lost := errors.New("lost\x1b[2J")
	client := clientOf(t, nil, xiexus.WithHTTPClient(&http.Client{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		return nil, fmt.Errorf("%w: %v", lost, req.Header)
	})}))
	_, err := client.Get(t.Context(), "task")
	requireFit(t, err)
	require.ErrorIs(t, err, lost)
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
}

// A relay may repeat the key of an earlier request.
func TestClient_EarlierKeysAreNotInErrors(t *testing.T) {
	calls := 0
	key := xiexus.WithAPIKeyFunc(func(context.Context) (string, error) {
		calls++
		return fmt.Sprintf("sk-key-number-%04d", calls), nil
	})
	client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Request-Id", fmt.Sprintf("sk-key-number-%04d", calls-1))
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":{"message":"sk-key-number-%04d key-number-%04d sk-key-number-%04d"}}`, calls, calls-1, max(calls-9, 1))
	}, key)
	for range 30 {
		_, err := client.Get(t.Context(), "task")
		require.ErrorIs(t, err, xiexus.ErrUnauthorized)
		if calls > 1 {
			require.NotContains(t, err.Error(), "key-number")
		}
	}
	_, err := client.Create(t.Context(), xiexus.CreateRequest{Model: "sk-key-number-0029", Prompt: "x"})
	require.NotContains(t, err.Error(), "key-number")
}

// The key of a function is not known before it is called.
func TestClient_KeyOfAFunctionIsNoTaskID(t *testing.T) {
	for name, request := range map[string]func(*xiexus.Client) error{
		"Get":  func(c *xiexus.Client) error { _, err := c.Get(t.Context(), testKey); return err },
		"Wait": func(c *xiexus.Client) error { _, err := c.Wait(t.Context(), testKey); return err },
		"Poll": func(c *xiexus.Client) error { _, _, err := c.Poll(t.Context(), xiexus.NewCursor(testKey)); return err },
		"again": func(c *xiexus.Client) error {
			_, _ = c.Get(t.Context(), "task")
			_, err := c.Get(t.Context(), testKey)
			return err
		},
		"a prefix": func(c *xiexus.Client) error { _, err := c.Get(t.Context(), "x"+secret+"y"); return err },
	} {
		t.Run(name, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", xiexustest.Completes(0, ""))
			client := newClient(t, relay, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return testKey, nil }))
			err := request(client)
			require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
			requireNoKey(t, err)
			for _, sent := range relay.Requests() {
				require.NotContains(t, sent.Path, secret)
			}
		})
	}
}

// Headers and trailers reach users of the generated client.
func TestClient_KeyIsNotInHeadersAndTrailers(t *testing.T) {
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(serveRaw(t, "HTTP/1.1 200 OK\r\nX-Key: "+testKey+
		"\r\nTrailer: X-Trailer\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX-Trailer: "+testKey+"\r\n\r\n")))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	resp := viaAPI(t, client)
	_, err = io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "sk-[redacted]", resp.Header.Get("X-Key"))
	require.Equal(t, "sk-[redacted]", resp.Trailer.Get("X-Trailer"))
}
