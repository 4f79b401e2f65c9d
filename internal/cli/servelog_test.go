package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// served is a serve that runs.
type served struct {
	url  string
	errs *lockedBuffer
	stop func() (code int)
}

// startServe runs serve with arguments. Standard error is a terminal if there is one.
func startServe(t *testing.T, terminal func(io.Writer) *screen.Terminal, args ...string) served {
	ctx, interrupt := context.WithCancel(t.Context())
	out, errs := make(lineWriter, 1), new(lockedBuffer)
	code := make(chan int, 1)
	app := newApp(Streams{In: strings.NewReader(""), Out: out, Err: errs}, terminal(errs))
	go func() { code <- app.run(ctx, append([]string{"serve"}, args...)) }()
	url, _, _ := strings.Cut(strings.TrimPrefix(<-out, "export XIEXUS_BASE_URL="), " ")
	return served{url, errs, sync.OnceValue(func() int {
		interrupt()
		return <-code
	})}
}

func noTerminal(io.Writer) *screen.Terminal { return nil }
func aTerminal(out io.Writer) *screen.Terminal {
	return &screen.Terminal{Out: out, Columns: 80, Rows: func() int { return 24 }}
}

// lockedBuffer is a buffer that is written to while it is read.
type lockedBuffer struct {
	lock   sync.Mutex
	buffer bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.buffer.Write(p)
}

func (b *lockedBuffer) String() string {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.buffer.String()
}

// send sends a request and returns the status of the response, or 0 if there is none.
func send(t *testing.T, method, url, key string) int {
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(`{"model":"m","prompt":"secret prompt"}`))
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(req)
	if err != nil {
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body) // fails if it is cut off
	require.NoError(t, res.Body.Close())
	return res.StatusCode
}

func TestServe_LogsRequests(t *testing.T) {
	const key = "sk-key-of-the-fake-relay"
	t.Setenv("XIEXUS_API_KEY", testKey)
	relay := startServe(t, noTerminal, "--log", "--lost", "1", "--duration", "0", "--cut", "1", "--video", "content", "--size", "1M")
	send(t, "GET", relay.url+"/v1/video/generations/task_completes?token=secret", key)
	send(t, "GET", relay.url+"/v1/video/generations/task_1", "wrong-secret")
	send(t, "POST", relay.url+"/v1/video/generations", key)
	send(t, "GET", relay.url+"/v1/videos/task_completes/content", key)
	send(t, "GET", relay.url+"/%1b%5B2J%E2%80%AE"+testKey+"/"+strings.Repeat("x", 1000), key)
	require.Equal(t, 0, relay.stop())

	log := relay.errs.String()
	_, lines, _ := strings.Cut(log, "stop with Ctrl-C\n")
	const elapsed = `  (<1ms|[0-9.]+m?s)$`
	want := []string{ // a line is written when a request ends, which the client may not wait for
		`^GET /%1b%5B2J%E2%80%AE[^x]*x+…  200`,
		`^GET /v1/video/generations/task_1  401`,
		`^GET /v1/video/generations/task_completes  200`,
		`^GET /v1/videos/task_completes/content  200, cut off`,
		`^POST /v1/video/generations  no response`,
	}
	var got []string
	for line := range strings.Lines(lines) {
		require.Regexp(t, `^\d\d:\d\d:\d\d  `, line)
		got = append(got, strings.TrimSuffix(line[len("00:00:00  "):], "\n"))
	}
	slices.Sort(got)
	require.Len(t, got, len(want))
	for i, line := range got {
		require.Regexp(t, want[i]+elapsed, line)
	}
	require.NotContains(t, log, "secret")
	require.NotContains(t, log, testKey)
	require.NotContains(t, log, key)
}

func TestServe_WhenRequestsAreLogged(t *testing.T) {
	for _, test := range []struct {
		name     string
		terminal func(io.Writer) *screen.Terminal
		flags    string
		logged   bool
	}{
		{"no terminal", noTerminal, "", false},
		{"no terminal, log", noTerminal, "--log", true},
		{"no terminal, verbose", noTerminal, "--verbose", true},
		{"terminal", aTerminal, "", true},
		{"terminal, quiet", aTerminal, "--quiet", false},
		{"log, quiet", noTerminal, "--log --quiet", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			relay := startServe(t, test.terminal, strings.Fields(test.flags)...)
			send(t, "GET", relay.url+"/somewhere", "")
			require.Equal(t, 0, relay.stop())
			require.Equal(t, test.logged, strings.Contains(relay.errs.String(), "GET /somewhere  200"), relay.errs)
		})
	}
}

func TestServe_StandardErrorIsClosed(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	cmd := exec.CommandContext(t.Context(), self, "serve", "--log")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	cmd.Stderr = writer
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	defer func() {
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		require.NoError(t, writer.Close())
	}()
	line := make([]byte, 200)
	n, err := out.Read(line)
	require.NoError(t, err)
	url, _, _ := strings.Cut(strings.TrimPrefix(string(line[:n]), "export XIEXUS_BASE_URL="), " ")
	for range 3 {
		require.Equal(t, http.StatusOK, send(t, "GET", url, ""))
	}
}

// stalled blocks each write until it is released.
type stalled struct{ released chan struct{} }

func (s stalled) Write(p []byte) (int, error) {
	<-s.released
	return len(p), nil
}

func TestServe_StandardErrorStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := stalled{make(chan struct{})}
		log := startRequestLog(out, func(text []byte) []byte { return text })
		handler := log.wrap(http.NotFoundHandler())
		for range maxLogged + 10 {
			handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
		}
		require.Positive(t, log.dropped.Load())
		log.close() // does not wait for what is never written
		close(out.released)
		<-log.done
	})
}
