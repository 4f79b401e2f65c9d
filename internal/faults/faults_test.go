package faults_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/auth"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	log.SetOutput(io.Discard) // net/http logs the responses that it has not requested
	useCommand()
	startSignals()
	goleak.VerifyTestMain(m)
}

// startSignals starts the goroutine of package os/signal, which must not be in a bubble.
func startSignals() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt)
	signal.Stop(signals)
}

// kinds are the kinds of errors, most specific first.
var kinds = []struct {
	target error
	name   string
}{
	{xiexus.ErrWaitTimeout, "timed out"},
	{xiexus.ErrUnauthorized, "unauthorized"},
	{xiexus.ErrForbidden, "forbidden"},
	{xiexus.ErrTaskNotFound, "not found"},
	{xiexus.ErrRateLimited, "rate limited"},
	{xiexus.ErrResponseTooLarge, "too large"},
	{xiexus.ErrUnexpectedResponse, "unexpected response"},
	{errKey, "no key"}, {auth.ErrNoKey, "no key"}, {auth.ErrBadKey, "no key"},
	{xiexus.ErrIncomplete, "incomplete"},
	{xiexus.ErrChecksum, "checksum"},
	{xiexus.ErrLinkExpired, "expired"},
	{xiexus.ErrAddressRefused, "refused"},
	{xiexus.ErrUnavailable, "unavailable"},
	{context.DeadlineExceeded, "timed out"},
}

const uncertain = "uncertain"

// kindOf returns what kind of error a call has returned.
func kindOf(err error) string {
	var perhaps *xiexus.CreateUncertainError
	if err == nil {
		return "ok"
	}
	kind := "**other**"
	for _, k := range kinds {
		if errors.Is(err, k.target) {
			kind = k.name
			break
		}
	}
	if failed := (*xiexus.TaskFailedError)(nil); errors.As(err, &failed) {
		kind = "task failed"
	}
	if errors.As(err, &perhaps) {
		return uncertain + " (" + kind + ")"
	}
	return kind
}

// meet runs a call that meets a fault. It returns what became of it, and how many requests
// and connections there were.
func meet(t *testing.T, ca *authority, f fault, always bool, c call) (text string, exchanges uint64) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, ca, f, always)
		defer w.close()
		if f.idle != nil {
			w.connect(t.Context(), strings.HasPrefix(c.name, "Download"))
		}
		began := time.Now()
		text = c.run(t.Context(), w)
		took := time.Since(began)
		counted := w.proxy.counted()
		t.Logf("%s after %s, %d creates, %d reads, %d bytes", text, took, counted.creates, counted.reads, w.proxy.sent.Load())
		require.LessOrEqual(t, took, c.limit)
		require.True(t, counted.early == 0 || w.pausesApart, "%d requests in a pause", counted.early)
		exchanges = w.proxy.exchanges()
		require.LessOrEqual(t, w.proxy.sent.Load(), exchanges*largestExchange)
	})
	return text, exchanges
}

var update = flag.Bool("update", false, "write docs/faults.md")

const table = "../../docs/faults.md"

// TestFaults compares what becomes of each call with docs/faults.md. After a change, look at
// the difference that -update makes there.
func TestFaults(t *testing.T) {
	ca := newAuthority()
	cells := map[string]*string{}
	t.Run("all", func(t *testing.T) {
		for _, g := range groups {
			for _, f := range g.faults {
				for _, c := range g.calls {
					name, result := g.title+"/"+f.name+"/"+c.name, new(string)
					require.NotContains(t, cells, name)
					cells[name] = result
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						*result = meetBoth(t, ca, f, c)
					})
				}
			}
		}
	})
	got := page(func(g group, f fault, c call) string { return *cells[g.title+"/"+f.name+"/"+c.name] })
	if *update {
		require.NoError(t, os.WriteFile(table, []byte(got), 0o644))
	}
	want, err := os.ReadFile(table)
	require.NoError(t, err)
	require.Equal(t, string(want), got)
}

// meetBoth returns what a table says of a call that meets a fault once, or each time.
func meetBoth(t *testing.T, ca *authority, f fault, c call) string {
	once, _ := meet(t, ca, f, false, c)
	always, _ := meet(t, ca, f, true, c)
	if once == always {
		return once
	}
	return once + " / " + always
}

// page returns docs/faults.md.
func page(cell func(group, fault, call) string) string {
	var out strings.Builder
	out.WriteString(intro)
	for _, g := range groups {
		fmt.Fprintf(&out, "\n## %s\n\n", g.title)
		writeRow(&out, "", names(g.calls)...)
		writeRow(&out, "---", slices.Repeat([]string{"---"}, len(g.calls))...)
		for _, f := range g.faults {
			cells := make([]string, len(g.calls))
			for i, c := range g.calls {
				cells[i] = cell(g, f, c)
			}
			writeRow(&out, f.name, cells...)
		}
	}
	return out.String()
}

func names(calls []call) []string {
	var names []string
	for _, c := range calls {
		names = append(names, "`"+c.name+"`")
	}
	return names
}

func writeRow(out *strings.Builder, first string, cells ...string) {
	fmt.Fprintf(out, "| %s | %s |\n", first, strings.Join(cells, " | "))
}

const intro = `# What becomes of each call when something goes wrong

Written by ` + "`go test ./internal/faults -update`" + `, which makes each call meet each fault over a network in memory.
The first outcome is that of a fault that happens once, the second, if it differs, that of one that happens each
time. Retries, timeouts and sizes have their defaults, but for a request timeout of 10 seconds, waits of up to
5 minutes, and at most 1 MiB for a response or a video.

In every cell, the call returns in time, receives at most as many bytes as its requests may have, and sends no request
in a pause that a response has requested (in a batch of create requests, each request pauses on its own). A create
request makes the relay create at most one task. Each task ID given to ` + "`GetAll` or `WaitAll`" + ` has exactly one
outcome, and a completed task has its own video. The results file of a batch accounts for every task that the relay
has created, and when the command runs again, nothing is created twice. What ` + "`Download`" + ` writes is the video or,
before an error, the start of it. A file appears only if its download is complete.

*Uncertain* is a ` + "`*CreateUncertainError`" + `; *resumable* means that what was received is kept; *a part* is a video
that the server declared to be shorter than it is.

An endless response, or one that is compressed 1000 to 1, takes less than 64 MiB of heap. On average, a request
allocates less than 16 MiB, garbage included.

While a relay rejects every request for ten minutes, ` + "`WaitAll`" + ` for 400 tasks sends at most 16 requests every
20 seconds: 16 is its concurrency, and 20 seconds the ` + "`Retry-After`" + ` of the responses. In the end, each task has one
outcome.
`
