package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// addTasks adds completed tasks and returns their IDs.
func addTasks(relay *xiexustest.Relay, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("task_%05d", i)
		relay.Add(ids[i], xiexustest.Completes(0, video))
	}
	return ids
}

// requestTimes returns the times of the requests for each ID.
func requestTimes(relay *xiexustest.Relay) map[string][]time.Time {
	times := map[string][]time.Time{}
	for _, request := range relay.Requests() {
		for _, id := range request.TaskIDs {
			times[id] = append(times[id], request.At)
		}
	}
	return times
}

func TestWait_ReadsEachOfThousandsOnce(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 10_000)
		twice := strings.Join(append(ids, ids...), "\n")
		got := runCommand(t.Context(), twice, "wait", ids[7], "-", ids[7], "-q")
		require.Equal(t, 0, got.code, got.err)
		require.Empty(t, got.err)
		require.Len(t, got.lines(t), len(ids))
		times := requestTimes(relay)
		require.Len(t, times, len(ids))
		for id, read := range times {
			require.Len(t, read, 1, id)
		}
		require.LessOrEqual(t, len(relay.Requests()), len(ids)/50, "read together")
	})
}

func TestWait_StartsWithFirstIDRead(t *testing.T) {
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
			code <- Run(ctx, []string{"wait", "-"}, Streams{Network: network, In: in, Out: out, Err: io.Discard})
		}()
		for i, id := range ids {
			require.Contains(t, <-out, id)
			require.WithinDuration(t, start.Add(time.Duration(i)*time.Hour), time.Now(), 50*time.Millisecond)
		}
		require.Equal(t, exitInterrupted, <-code, "the input is still open")
	})
}

func TestWait_InterruptNamesTenTasks(t *testing.T) {
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
		got := runCommand(ctx, "", append([]string{"wait"}, ids...)...)
		require.Equal(t, exitInterrupted, got.code)
		require.Equal(t, time.Minute, time.Since(start))
		require.Contains(t, got.err, "\nxiexus: interrupted; still running: 00 01 02 04 05 06 07 08 09 10 and 14 more; to resume, run the same command again\n")
		require.Len(t, got.lines(t), 1)
	})
}

func TestWait_RejectedKeyEndsAll(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		for _, id := range []string{"one", "two", "three"} {
			relay.Add(id, xiexustest.Completes(time.Hour, video))
		}
		relay.RefuseBatches(xiexustest.BatchNotFound)
		denied := xiexustest.Fault{Status: http.StatusUnauthorized}
		relay.Fail("two", xiexustest.Fault{}, xiexustest.Fault{}, denied, denied, denied)
		start := time.Now()
		got := runCommand(t.Context(), "", "wait", "one", "two", "three")
		require.Equal(t, exitKeyRejected, got.code)
		require.Less(t, time.Since(start), 2*time.Minute)
		require.Contains(t, got.err, "check the API key; to resume: xiexus wait two one three\n")
	})
}

func TestWait_ConcurrencyAndInterval(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 20)
		relay.RefuseBatches(xiexustest.BatchNotFound)
		for _, id := range ids {
			relay.Fail(id, xiexustest.Fault{Delay: time.Second})
		}
		start := time.Now()
		got := runCommand(t.Context(), strings.Join(ids, " "), "wait", "-", "--concurrency", "2", "--timeout", "3s")
		require.Equal(t, 0, got.code, got.err)
		require.NotContains(t, got.err, "reading task failed", "no request waits for a connection")
		require.WithinDuration(t, start.Add(10*time.Second), time.Now(), 50*time.Millisecond)
	})
	for interval, want := range map[string]time.Duration{"": 2 * time.Second, "--interval=7s": 7 * time.Second} {
		inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
			relay.Add("slow", xiexustest.Completes(time.Minute, video))
			require.Equal(t, 0, runCommand(t.Context(), "", strings.Fields("wait slow "+interval)...).code)
			times := requestTimes(relay)["slow"]
			require.InDelta(t, want, times[1].Sub(times[0]), 0.11*float64(want))
		})
	}
}

func TestWait_MaxWaitIsPerTask(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("slow", xiexustest.Completes(time.Hour, video))
		relay.Add("done", xiexustest.Completes(time.Minute, video))
		start := time.Now()
		got := runCommand(t.Context(), "", "wait", "slow", "done", "--max-wait", "5m")
		require.Equal(t, exitTimedOut, got.code)
		require.InDelta(t, 5*time.Minute, time.Since(start), float64(time.Second))
		require.Len(t, got.lines(t), 1)
	})
}

func TestWait_TimeoutSaysHowToResume(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		var many []string
		for i := range 12 {
			many = append(many, fmt.Sprintf("slow_%02d", i))
			relay.Add(many[i], xiexustest.Completes(time.Hour, video))
		}
		relay.Add("done", xiexustest.Completes(0, video))
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(time.Hour, video) })
		tests := map[string]string{
			"wait slow_01":                         "; to resume: xiexus wait slow_01\n",
			"wait slow_01 done slow_00":            "2 of 3 tasks had errors; see above; to resume: xiexus wait slow_01 slow_00\n",
			"wait slow_01 nope --insecure-http":    "2 of 2 tasks had errors; see above; to resume: xiexus wait slow_01 --insecure-http\n",
			"download slow_01 -O v.mp4 --force":    "; to resume: xiexus download slow_01 -O v.mp4 --force\n",
			"download slow_01 -O -":                "; to resume: xiexus download slow_01 -O -\n",
			"wait nope":                            "the key belongs to the account that created the task\n",
			"create -m m -p p --wait":              "; to resume: xiexus wait ID\n",
			"create -m m -p p --download -O v.mp4": "; to resume: xiexus download ID -O v.mp4\n",
			"wait " + strings.Join(many, " "):      "and 2 more; to resume, run the same command again\n",
			"download " + strings.Join(many, " "):  "run the same command again, adding --skip-existing if some videos were already saved\n",
		}
		for line, want := range tests {
			got := runCommand(t.Context(), "", append(strings.Fields(line), "--max-wait", "1m")...)
			if created := relay.Created(); strings.HasPrefix(line, "create") {
				want = strings.Replace(want, "ID", created[len(created)-1], 1)
			}
			require.NotEqual(t, 0, got.code)
			require.True(t, strings.HasSuffix(got.err, want), "%s: %s", line, got.err)
		}
	})
}

func TestWait_ContinuesAfterReadError(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		ids := addTasks(relay, 2)
		var out, errs bytes.Buffer
		broken := io.MultiReader(strings.NewReader(ids[0]+" "), iotest.ErrReader(errors.New("device lost")))
		code := Run(t.Context(), []string{"wait", "-", ids[1]}, Streams{Network: network, In: broken, Out: &out, Err: &errs})
		require.Equal(t, exitOther, code)
		require.Contains(t, errs.String(), "xiexus: read task IDs from standard input: device lost\n")
		require.Equal(t, 2, strings.Count(out.String(), "\n"))
	})
}

func TestWait_LinesHaveNoControlCharacters(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("bad", xiexustest.Fails(time.Minute, "un\x1b[31msafe"))
		relay.Add("flaky\u202e", xiexustest.Completes(time.Minute, video))
		relay.Fail("flaky\u202e", xiexustest.Fault{Status: 500, Body: `{"message":"\u001b[2Jgone\rwrong"}`})
		got := runCommand(t.Context(), "", "wait", "bad", "flaky\u202e", "no\x1bpe")
		require.Equal(t, exitTaskFailed, got.code)
		require.NotContains(t, got.err, "\x1b")
		require.NotContains(t, got.err, "\r")
		require.NotContains(t, got.err, "\u202e")
		require.Contains(t, got.err, "in_progress")
	})
}

func TestWait_FindsTaskThatIsNotStoredYet(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.StoreAfter(5 * time.Second)
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, video) })
		got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p")
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, 0, runCommand(t.Context(), "", "wait", relay.Created()[0]).code)
	})
}

func TestWait_InterruptNamesRunningTasks(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("done", xiexustest.Completes(0, video))
		for _, id := range []string{"one", "two"} {
			relay.Add(id, xiexustest.Completes(time.Hour, video))
		}
		ctx, interrupt := context.WithCancel(t.Context())
		time.AfterFunc(300*time.Millisecond, interrupt)
		start := time.Now()
		got := runCommand(ctx, "", "wait", "one", "done", "two", "two", "-o", "json")
		require.Less(t, time.Since(start), 2*time.Second)
		require.Equal(t, exitInterrupted, got.code)
		require.Contains(t, got.err, "interrupted; to resume: xiexus wait one two\n")
		require.Len(t, got.lines(t), 1, "what is done has been printed")
	})
}

func TestWait_ProgressOfManyTasksIsSummarized(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		var ids []string
		for n := range 200 {
			ids = append(ids, fmt.Sprintf("task_%03d", n))
			relay.Add(ids[n], xiexustest.Completes(time.Minute, video))
		}
		got := runCommand(t.Context(), strings.Join(ids, " "), "wait", "-")
		require.Equal(t, 0, got.code, got.err)
		require.Len(t, got.lines(t), 200)
		lines := strings.Split(strings.TrimSpace(got.err), "\n")
		require.LessOrEqual(t, len(lines), 110, "a line each until it is known how many there are")
		require.Regexp(t, `^\d\d:\d\d:\d\d  200 of 200 ended, 0 running, 0 queued$`, lines[len(lines)-1])
	})
}
