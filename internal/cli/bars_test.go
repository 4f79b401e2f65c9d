package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// onScreen runs a command line on a screen. If out is nil, results go there too.
func onScreen(ctx context.Context, s *fakeScreen, rows int, out io.Writer, line string) (code <-chan int) {
	if out == nil {
		out = s
	}
	done := make(chan int, 1)
	go func() {
		app := newApp(Streams{Network: network, In: strings.NewReader(""), Out: out, Err: s}, s.terminal(rows))
		done <- app.run(ctx, strings.Fields(line))
	}()
	return done
}

// later sleeps until the bars are drawn after some time.
func later(d time.Duration) {
	time.Sleep(d + 300*time.Millisecond)
	synctest.Wait()
}

func TestBars_OneForEachRunningTask(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.RefuseBatches(xiexustest.BatchNotFound) // so that two tasks have no progress
		relay.Add("task_one", xiexustest.Completes(30*time.Second, video))
		relay.Add("task_three", xiexustest.Fails(time.Minute, "unsafe", xiexustest.Stored))
		relay.Add("task_longer_than_there_is_room_for_by_any_means", xiexustest.Completes(100*time.Second, video))
		ctx, interrupt := context.WithCancel(t.Context())
		s := newFakeScreen(t, 72)
		code := onScreen(ctx, s, 24, nil, "wait -o table task_one task_three task_longer_than_there_is_room_for_by_any_means")

		later(0)
		require.Equal(t, []string{
			"task_one                                queued             0:00",
			"task_three                              queued         0%  0:00  [----]",
			"task_longer_than_there_is_room_for_by…  queued             0:00",
		}, s.shown())
		later(48 * time.Second)
		require.Equal(t, []string{
			"ID                                               STATUS       RESULT",
			"task_one                                         completed    https://…",
			"task_three                              in_progress   40%  0:48  [=>--]",
			"task_longer_than_there_is_room_for_by…  in_progress        0:48",
		}, s.shown())
		later(32 * time.Second)
		require.Equal(t, []string{
			"task_three                                       failed       unsafe",
			"task_longer_than_there_is_room_for_by…  in_progress        1:20",
		}, s.shown()[2:], "the reason is not repeated")
		interrupt()
		require.Equal(t, exitInterrupted, <-code)
		require.Equal(t, []string{
			"task_three                                       failed       unsafe",
			"xiexus: interrupted; to resume: xiexus wait task_longer_than_there_is_ro",
			"om_for_by_any_means",
		}, s.shown()[2:], "no bar is left")
	})
}

func TestBars_OneForAllIfThereAreTooMany(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.RefuseBatches(xiexustest.BatchNotFound)
		var ids []string
		for i := range 300 {
			duration := time.Minute
			if i%75 == 0 {
				duration = 4 * time.Minute
			}
			ids = append(ids, fmt.Sprintf("task_%03d", i))
			relay.Add(ids[i], xiexustest.Completes(duration, video))
		}
		file := openTemp(t, strings.Join(append(ids, "nope"), "\n")).Name()
		s := newFakeScreen(t, 60)
		var out bytes.Buffer
		code := onScreen(t.Context(), s, 12, &out, "wait -o json @"+file)

		later(20 * time.Second)
		shown := s.shown()
		require.Equal(t, "1 of 301 ended, 1 failed, 296 running, 4 queued  0:20", shown[len(shown)-1])
		require.NotContains(t, strings.Join(shown[:len(shown)-1], ""), "queued")
		later(101 * time.Second)
		shown = s.shown()
		require.Equal(t, []string{
			"task_000  in_progress        2:01",
			"task_075  in_progress        2:01",
			"task_150  in_progress        2:01",
			"task_225  in_progress        2:01",
			"297 of 301 ended, 1 failed, 4 running, 0 queued  2:01",
		}, shown[len(shown)-5:], "as soon as they fit in half of the screen")
		require.Equal(t, exitNotFound, <-code)
		shown = s.shown()
		require.Equal(t, "xiexus: 1 of 301 tasks had errors; see above", shown[len(shown)-1])
		require.Regexp(t, `^\d\d:\d\d:\d\d  task_\d\d\d  completed$`, shown[len(shown)-2], "the results go elsewhere")
		require.Equal(t, 300, strings.Count(out.String(), "\n"))
	})
}

func TestBars_FailureIsShownOnceIfItFits(t *testing.T) {
	reason := strings.Repeat("unsafe ", 12) + "prompt"
	for columns, repeated := range map[int]bool{72: true, 200: false} {
		for _, ids := range []string{"one", "one two"} {
			inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
				relay.Add("one", xiexustest.Fails(time.Minute, reason, xiexustest.Stored))
				relay.Add("two", xiexustest.Fails(time.Minute, reason, xiexustest.Stored))
				s := newFakeScreen(t, columns)
				require.Equal(t, exitTaskFailed, <-onScreen(t.Context(), s, 24, nil, "wait -o table "+ids))
				shown := strings.Join(s.shown(), "")
				want := strings.Count(ids, "o")
				require.Equal(t, want, strings.Count(shown, "unsafe prompt"), shown)
				require.Equal(t, repeated, strings.Contains(shown, "xiexus: task \"one\" failed"))
			})
		}
	}
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("one", xiexustest.Fails(time.Minute, "unsafe", xiexustest.Stored))
		s := newFakeScreen(t, 100)
		require.Equal(t, exitTaskFailed, <-onScreen(t.Context(), s, 24, io.Discard, "wait -o table one"))
		require.Equal(t, []string{`xiexus: task "one" failed: unsafe`}, s.shown(), "the table is somewhere else")
	})
}

func TestBars_StayBelowWarnings(t *testing.T) {
	for _, flag := range []string{"", " -v"} {
		inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
			relay.Add("flaky", xiexustest.Completes(time.Minute, video))
			relay.Fail("flaky", xiexustest.Fault{}, xiexustest.Fault{Status: 502, Body: "bad\x1b[2J gateway"})
			s := newFakeScreen(t, 250)
			code := onScreen(t.Context(), s, 24, nil, "wait flaky -o json"+flag)
			later(10 * time.Second)
			shown := s.shown()
			last := len(shown) - 1
			require.Equal(t, "flaky  queued             0:10", shown[last])
			require.Contains(t, strings.Join(shown[:last], "\n"), "502")
			require.NotContains(t, strings.Join(shown[:last], "\n"), "queued")
			require.Equal(t, 0, <-code)
			require.NotContains(t, strings.Join(s.shown(), "\n"), "queued", "the bar is erased")
		})
	}
}

func TestBars_NoneWithQuiet(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("task", xiexustest.Completes(time.Minute, video))
		s := newFakeScreen(t, 80)
		require.Equal(t, 0, <-onScreen(t.Context(), s, 24, io.Discard, "wait task -q"))
		require.Empty(t, s.shown())
	})
}

func TestBars_EraseEchoOfControlC(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("task", xiexustest.Completes(time.Minute, video, xiexustest.Stored))
		ctx, interrupt := context.WithCancel(t.Context())
		s := newFakeScreen(t, 50) // as wide as the bar
		code := onScreen(ctx, s, 24, nil, "wait task")
		later(20 * time.Second)
		_, _ = io.WriteString(s, "^C")
		start := time.Now()
		interrupt()
		require.Equal(t, exitInterrupted, <-code)
		require.Less(t, time.Since(start), time.Millisecond)
		require.Equal(t, []string{"xiexus: interrupted; to resume: xiexus wait task"}, s.shown())
	})
}

// brokenWriter is a terminal that has been closed.
type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errors.New("input/output error") }

func TestBars_WriteErrorsDoNotEndWait(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.Add("task", xiexustest.Completes(time.Minute, video))
		var out bytes.Buffer
		terminal := &screen.Terminal{Out: brokenWriter{}, Columns: 80, Rows: func() int { return 24 }}
		app := newApp(Streams{Network: network, In: strings.NewReader(""), Out: &out, Err: brokenWriter{}}, terminal)
		require.Equal(t, 0, app.run(t.Context(), []string{"wait", "task"}))
		require.Contains(t, out.String(), "completed")
	})
}
