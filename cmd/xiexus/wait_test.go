package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// inVirtualTime runs a test with a relay in memory that all commands ask.
func inVirtualTime(t *testing.T, test func(*testing.T, *xiexustest.Relay)) {
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv(xiexus.EnvBaseURL, "http://relay.localhost")
	network := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = network })
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t, xiexustest.WithAPIKey(testKey))
		http.DefaultTransport = relay.HTTPClient().Transport
		test(t, relay)
	})
}

// addTasks adds completed tasks and returns their ids.
func addTasks(relay *xiexustest.Relay, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("task_%05d", i)
		relay.Add(ids[i], xiexustest.Completes(0, video))
	}
	return ids
}

// askedFor counts the requests for each id, and returns when they came.
func askedFor(relay *xiexustest.Relay) map[string][]time.Time {
	asked := map[string][]time.Time{}
	for _, request := range relay.Requests() {
		id := request.Path[strings.LastIndexByte(request.Path, '/')+1:]
		asked[id] = append(asked[id], request.At)
	}
	return asked
}

func TestWaitForThousands(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 10_000)
		twice := strings.Join(append(ids, ids...), "\n")
		got := xiexusCommand(t.Context(), twice, "wait", ids[7], "-", ids[7], "-q")
		require.Equal(t, 0, got.code, got.err)
		require.Empty(t, got.err)
		require.Len(t, got.lines(t), len(ids))
		require.Len(t, relay.Requests(), len(ids), "each is asked for once")
	})
}

func TestWaitBeginsWithTheFirstIDThatComes(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 5)
		in, typed := io.Pipe()
		defer func() { _ = typed.Close() }() // or the reader of an endless input would outlive the test
		ctx, interrupt := context.WithCancel(t.Context())
		go func() {
			for _, id := range ids {
				_, _ = fmt.Fprintln(typed, id)
				time.Sleep(time.Hour)
			}
			interrupt()
		}()
		out := make(lineWriter)
		code := make(chan int)
		start := time.Now()
		go func() {
			code <- run(ctx, []string{"wait", "-"}, streams{in: in, out: out, err: io.Discard})
		}()
		for i, id := range ids {
			require.Contains(t, <-out, id)
			require.Equal(t, time.Duration(i)*time.Hour, time.Since(start))
		}
		require.Equal(t, 130, <-code, "the input has no end")
	})
}

func TestExitCodeIsThatOfTheFirstGiven(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("bad", xiexustest.Fails(time.Minute, "unsafe"))
		relay.Add("done", xiexustest.Completes(0, video))
		got := xiexusCommand(t.Context(), "", "wait", "done", "bad", "nope", "also-nope")
		require.Equal(t, 3, got.code, "not that of the first to end")
		require.Contains(t, got.err, "3 of 4 tasks did not end well")
		got = xiexusCommand(t.Context(), "nope bad", "wait", "-")
		require.Equal(t, 4, got.code)
	})
}

func TestInterruptNamesTenTasks(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		var ids []string
		for i := range 25 {
			ids = append(ids, fmt.Sprintf("%02d", i))
			relay.Add(ids[i], xiexustest.Completes(time.Hour, video))
		}
		relay.Add(ids[3], xiexustest.Completes(0, video))
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, interrupt)
		start := time.Now()
		got := xiexusCommand(ctx, "", append([]string{"wait"}, ids...)...)
		require.Equal(t, 130, got.code)
		require.Equal(t, time.Minute, time.Since(start))
		require.Contains(t, got.err, "\nxiexus: interrupted; still running: 00 01 02 04 05 06 07 08 09 10 and 14 more\n")
		require.Len(t, got.lines(t), 1)
	})
}

func TestARefusedKeyEndsEverything(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		for _, id := range []string{"one", "two", "three"} {
			relay.Add(id, xiexustest.Completes(time.Hour, video))
		}
		relay.Fail("two", xiexustest.Fault{}, xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusUnauthorized})
		start := time.Now()
		got := xiexusCommand(t.Context(), "", "wait", "one", "two", "three")
		require.Equal(t, 5, got.code)
		require.Less(t, time.Since(start), time.Minute)
		require.Contains(t, got.err, "check the API key; still running: one three\n")
	})
}

func TestConcurrencyAndIntervalFlags(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 20)
		for _, id := range ids {
			relay.Fail(id, xiexustest.Fault{Delay: time.Second})
		}
		start := time.Now()
		got := xiexusCommand(t.Context(), strings.Join(ids, " "), "wait", "-", "--concurrency", "2", "--timeout", "3s")
		require.Equal(t, 0, got.code, got.err)
		require.NotContains(t, got.err, "reading the task failed", "no request waits for a connection")
		require.Equal(t, 10*time.Second, time.Since(start))
	})
	for interval, want := range map[string]time.Duration{"": 2 * time.Second, "--interval=7s": 7 * time.Second} {
		inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
			relay.Add("slow", xiexustest.Completes(time.Minute, video))
			require.Equal(t, 0, xiexusCommand(t.Context(), "", strings.Fields("wait slow "+interval)...).code)
			asked := askedFor(relay)["slow"]
			require.InDelta(t, want, asked[1].Sub(asked[0]), 0.11*float64(want))
		})
	}
	require.Equal(t, 2, xiexusCommand(t.Context(), "", "wait", "task", "--interval", "-1s").code)
}

func TestMaxWaitIsEachTasksOwn(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("slow", xiexustest.Completes(time.Hour, video))
		relay.Add("done", xiexustest.Completes(time.Minute, video))
		start := time.Now()
		got := xiexusCommand(t.Context(), "", "wait", "slow", "done", "--max-wait", "5m")
		require.Equal(t, 6, got.code)
		require.InDelta(t, 5*time.Minute, time.Since(start), float64(time.Second))
		require.Len(t, got.lines(t), 1)
	})
}

func TestUnreadableInputIsToldAndTheRestWaitedFor(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 2)
		var out, errs bytes.Buffer
		tooLong := strings.NewReader(ids[0] + " " + strings.Repeat("x", 1<<20))
		code := run(t.Context(), []string{"wait", "-", ids[1]}, streams{in: tooLong, out: &out, err: &errs})
		require.Equal(t, 1, code)
		require.Contains(t, errs.String(), "xiexus: read the ids from standard input: bufio.Scanner: token too long\n")
		require.Equal(t, 2, strings.Count(out.String(), "\n"))
	})
}

func TestNoControlCharactersWithoutATerminal(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("bad", xiexustest.Fails(time.Minute, "un\x1b[31msafe"))
		relay.Add("flaky\u202e", xiexustest.Completes(time.Minute, video))
		relay.Fail("flaky\u202e", xiexustest.Fault{Status: 500, Body: `{"message":"\u001b[2Jgone\rwrong"}`})
		got := xiexusCommand(t.Context(), "", "wait", "bad", "flaky\u202e", "no\x1bpe")
		require.Equal(t, 3, got.code)
		require.NotContains(t, got.err, "\x1b")
		require.NotContains(t, got.err, "\r")
		require.NotContains(t, got.err, "\u202e")
		require.Contains(t, got.err, "in_progress")
	})
}
