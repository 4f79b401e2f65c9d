package command_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
)

// The secrets have characters that JSON and URLs escape.
const (
	secretKey      = "sk-T3st/K+y=That<Must&NotBeSeen"
	secretPassword = "P4ss/W+rd=That<Must&NotBeSeen"
)

var success = []int{0}

// formsOf returns a secret in each form in which it may appear in text or in bytes.
func formsOf(secret string) map[string]string {
	secret = strings.TrimPrefix(secret, "sk-") // to relays, only a prefix
	forms := map[string]string{
		"plain": secret, "in JSON": jsonEscaped(secret), "in a query": url.QueryEscape(secret), "in a path": url.PathEscape(secret),
		"in hex": hex.EncodeToString([]byte(secret)),
	}
	for name, encoding := range map[string]*base64.Encoding{"base64": base64.RawStdEncoding, "base64url": base64.RawURLEncoding} {
		for before := range 3 { // bytes of the same group
			encoded := encoding.EncodeToString(append(make([]byte, before), secret...))
			forms[fmt.Sprintf("in %s after %d bytes", name, before)] = encoded[before+min(before, 1) : len(encoded)-1]
		}
	}
	return forms
}

// evidence is all that a user, a log, another program or a backup may see.
type evidence struct {
	*testing.T
	seen map[string][]byte
}

func (e *evidence) add(where string, data []byte) {
	e.seen[where] = append(append(e.seen[where], data...), '\n')
}

// check fails if there is a secret in what was seen, or in the name of where it was.
func (e *evidence) check() {
	for _, secret := range []string{secretKey, secretPassword} {
		for form, text := range formsOf(secret) {
			for where, data := range e.seen {
				require.False(e, bytes.Contains(data, []byte(text)), "%s: %s %s", where, text, form)
				require.NotContains(e, where, text)
			}
		}
	}
}

// run runs a command line that ends with one of some exit codes, and adds what it prints.
func (e *evidence) run(codes []int, args ...string) string {
	got := run(e.Context(), "", append(args, "-v")...)
	e.add("output of "+args[0], []byte(got.out+got.err))
	require.Contains(e, codes, got.code, "%s: %s", args, got.err)
	return got.out
}

// addFiles adds the names and the contents of the files in a directory.
func (e *evidence) addFiles(dir string) (files int) {
	require.NoError(e, filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		e.add("file "+path, content)
		files++
		return err
	}))
	return files
}

// addStreams adds all messages, with their subjects, headers and contents, also uncompressed.
func (e *evidence) addStreams(js jetstream.JetStream) (messages int) {
	decoder, err := zstd.NewReader(nil)
	require.NoError(e, err)
	defer decoder.Close()
	names := js.StreamNames(e.Context())
	for name := range names.Name() {
		stream, err := js.Stream(e.Context(), name)
		require.NoError(e, err)
		state := stream.CachedInfo().State
		for number := state.FirstSeq; number <= state.LastSeq; number++ {
			message, err := stream.GetMsg(e.Context(), number)
			if err != nil {
				continue // deleted
			}
			messages++
			where := "message of " + name
			e.add(where, fmt.Appendf(nil, "%s %v", message.Subject, message.Header))
			e.add(where, message.Data)
			if plain, err := decoder.DecodeAll(message.Data, nil); err == nil {
				e.add(where+", uncompressed", plain)
			}
		}
	}
	require.NoError(e, names.Err())
	return messages
}

// start runs a command line until the function that it returns is called.
func (e *evidence) start(args ...string) (log *buffer, stop func()) {
	ctx, cancel := context.WithCancel(e.Context())
	log = &buffer{}
	ended := make(chan int, 1)
	go func() {
		streams := command.Streams{In: strings.NewReader(""), Out: log, Err: log}
		ended <- command.Run(ctx, append(args, "-v"), streams)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		require.Zero(e, <-ended, log.String())
		e.add("output of "+args[0], []byte(log.String()))
	})
	e.Cleanup(stop)
	return log, stop
}

// addMetrics adds what a worker serves.
func (e *evidence) addMetrics(log string) {
	found := regexp.MustCompile(`http://\S+/`).FindString(log)
	require.NotEmpty(e, found)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	for _, path := range []string{"metrics", "healthz"} {
		req, err := http.NewRequestWithContext(e.Context(), http.MethodGet, found+path, nil)
		require.NoError(e, err)
		resp, err := client.Do(req)
		require.NoError(e, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(e, err)
		_ = resp.Body.Close()
		e.add(path, fmt.Appendf(body, "%v", resp.Header))
	}
}

// storedResults returns how many results there are.
func storedResults(t *testing.T, js jetstream.JetStream) uint64 {
	stream, err := js.Stream(t.Context(), "xiexus-results")
	require.NoError(t, err)
	return stream.CachedInfo().State.Msgs
}

// guarded starts a NATS server with a password.
func guarded(t *testing.T, dir string, port int) *server.Server {
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, JetStream: true, StoreDir: dir, NoSigs: true, Username: "fleet", Password: secretPassword,
	})
	require.NoError(t, err)
	s.Start()
	require.True(t, s.ReadyForConnections(time.Minute))
	return s
}

func stopGuarded(s *server.Server) {
	s.Shutdown()
	s.WaitForShutdown()
}

// The relay repeats the key wherever it can, and the URL of NATS has a password: neither is in the
// output of a command, in its logs, in metrics, in a message, a header or a key of the store, or in
// a file.
func TestFleet_SecretsAreNowhere(t *testing.T) {
	relay := httptest.NewServer(&parrot{})
	t.Cleanup(relay.Close)
	t.Setenv(xiexus.EnvAPIKey, secretKey)
	t.Setenv(xiexus.EnvBaseURL, relay.URL)
	dir := t.TempDir()
	first := guarded(t, dir, server.RANDOM_PORT)
	address := &url.URL{Scheme: "nats", Host: first.Addr().String(), User: url.UserPassword("fleet", secretPassword)}
	t.Setenv("NATS_URL", address.String())
	conn, err := nats.Connect(address.String(), nats.MaxReconnects(-1), nats.ReconnectWait(50*time.Millisecond))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)

	e := &evidence{t, map[string][]byte{}}
	e.run(success, "submit", "task_completed", "task_located", "task_failed")
	requests := writeFile(t, strings.Repeat(`{"model":"m","prompt":"a cat"}`+"\n", len(parrotCreates)))
	e.run(success, "submit", "--requests", requests)
	log, stop := e.start("work", "--listen", "127.0.0.1:0", "--interval", "1s")
	const ended = 5 // all but the task that was created, which is polled later
	require.Eventually(t, func() bool { return storedResults(t, js) >= ended }, waitTime, tickTime)
	e.addMetrics(log.String())

	port := first.Addr().(*net.TCPAddr).Port
	stopGuarded(first)
	e.run([]int{7}, "status")
	second := guarded(t, dir, port)
	t.Cleanup(func() { stopGuarded(second) })
	require.Eventually(t, func() bool { return strings.Contains(log.String(), "reconnected to NATS") }, waitTime, tickTime)
	e.run(success, "status")
	e.run(success, "status", "-o", "json")
	require.Contains(t, e.run([]int{1, 3}, "results", "--no-wait"), "[redacted]", "the relay has repeated the key")
	videos := t.TempDir()
	downloads, stopDownload := e.start("download", "--dir", videos, "--follow", "--attempts", "1")
	require.Eventually(t, func() bool { return strings.Count(downloads.String(), `{"task_id":`) == 2 }, waitTime, tickTime)
	stopDownload()
	stop()

	require.NotZero(t, e.addFiles(videos), "a video was saved")
	require.Greater(t, e.addStreams(js), ended)
	require.NotZero(t, e.addFiles(dir))
	e.check()
}
