//go:build clockjump

package clockjump

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const video = "https://cdn.example.com/v.mp4"

// Only the wall clock jumps, and it does.
func TestClock_Jumps(t *testing.T) {
	forEachJump(t, 500*time.Millisecond, func(t *testing.T, jump jump) {
		var monotonic, wall string
		_, err := fmt.Sscan(newMachine(t).run(t, asClock, jump, "").out, &monotonic, &wall)
		require.NoError(t, err)
		requireAbout(t, time.Second, monotonic)
		requireAbout(t, time.Second+jump.by, wall)
	})
}

func requireAbout(t *testing.T, want time.Duration, got string) {
	d, err := time.ParseDuration(got)
	require.NoError(t, err)
	require.InDelta(t, want.Seconds(), d.Seconds(), 10)
}

func TestClock_Wait(t *testing.T) {
	forEachJump(t, 2*time.Second, func(t *testing.T, jump jump) {
		m := newMachine(t)
		m.relay.Add("film", xiexustest.Completes(5*time.Second, video))
		got := m.run(t, asCommand, jump, "wait film --interval 1s --max-wait 1m")
		require.Zero(t, got.code, got.err)
		requireFewPolls(t, m, 6)
	})
}

// requireFewPolls checks how many requests the relay has received.
func requireFewPolls(t *testing.T, m machine, most int) {
	require.LessOrEqual(t, len(m.relay.Requests()), most)
}

// The first polls are when the task is new, and 22.5 s old.
func TestClock_WaitThatFollowsTheRelay(t *testing.T) {
	forEachJump(t, 10*time.Second, func(t *testing.T, jump jump) {
		m := newMachine(t)
		m.relay.Add("film", xiexustest.Completes(20*time.Second, video, xiexustest.Stored))
		got := m.run(t, asCommand, jump, "wait film")
		require.Zero(t, got.code, got.err)
		requireFewPolls(t, m, 5)
	})
}

func TestClock_WaitEndsAtItsDeadline(t *testing.T) {
	forEachJump(t, 2*time.Second, func(t *testing.T, jump jump) {
		m := newMachine(t)
		m.relay.Add("film", xiexustest.Completes(time.Hour, video))
		got := m.run(t, asCommand, jump, "wait film --interval 1s --max-wait 6s")
		require.Equal(t, 6, got.code, got.err)
		require.GreaterOrEqual(t, got.took, 6*time.Second)
		requireFewPolls(t, m, 7)
	})
}

func TestClock_WaitForMany(t *testing.T) {
	forEachJump(t, 2*time.Second, func(t *testing.T, jump jump) {
		m := newMachine(t)
		var ids []string
		for i := range 50 {
			ids = append(ids, fmt.Sprintf("task_%d", i))
			m.relay.Add(ids[i], xiexustest.Completes(5*time.Second, video, xiexustest.Stored))
		}
		got := m.run(t, asCommand, jump, "wait --interval 1s --max-wait 1m "+strings.Join(ids, " "))
		require.Zero(t, got.code, got.err)
		require.Equal(t, 50, strings.Count(got.out, `"completed"`))
		requireFewPolls(t, m, 60)
	})
}

func TestClock_Download(t *testing.T) {
	forEachJump(t, 2*time.Second, func(t *testing.T, jump jump) {
		const size = 2_000_000
		m, cdn := newMachine(t), xiexustest.NewCDN()
		film := xiexustest.RandomVideo(size)
		cdn.Put("/v.mp4", xiexustest.Delivery{Video: film, Rate: size / 5, Cuts: []int64{size / 3, size / 3}})
		server := httptest.NewServer(cdn)
		defer server.Close()
		m.relay.Add("film", xiexustest.Completes(0, server.URL+"/v.mp4", xiexustest.Stored))
		got := m.run(t, asCommand, jump, "download film")
		require.Zero(t, got.code, got.err)
		require.Len(t, cdn.Requests(), 3)
		want := make([]byte, size)
		_, err := film.ReadAt(want, 0)
		require.NoError(t, err)
		content, err := os.ReadFile(filepath.Join(m.folder, "film.mp4"))
		require.NoError(t, err)
		require.True(t, string(want) == string(content))
	})
}

func TestClock_CreateMany(t *testing.T) {
	forEachJump(t, 2*time.Second, func(t *testing.T, jump jump) {
		m := newMachine(t)
		m.relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
			return xiexustest.Completes(5*time.Second, video, xiexustest.Stored)
		})
		requests := `{"model":"m","prompt":"a"}` + "\n" + `{"model":"m","prompt":"b"}` + "\n"
		require.NoError(t, os.WriteFile(filepath.Join(m.folder, "requests.jsonl"), []byte(requests), 0o600))
		for range 2 {
			got := m.run(t, asCommand, jump, "create --requests requests.jsonl --wait --interval 1s")
			require.Zero(t, got.code, got.err)
			require.Equal(t, 2, strings.Count(got.out, `"completed"`))
			require.Len(t, m.relay.Created(), 2, "each once")
		}
		got := m.run(t, asCommand, jump, "list")
		require.Zero(t, got.code, got.err)
		for _, id := range m.relay.Created() {
			require.Equal(t, 1, strings.Count(got.out, id))
		}
	})
}

// The history was written in another year.
func TestClock_List(t *testing.T) {
	forEachJump(t, 0, func(t *testing.T, jump jump) {
		m := newMachine(t)
		require.Zero(t, m.run(t, asCommand, jump, "create -m m -p first").code)
		jump.by = 0
		require.Zero(t, m.run(t, asCommand, jump, "create -m m -p second").code)
		got := m.run(t, asCommand, jump, "list -o table")
		require.Zero(t, got.code, got.err)
		require.Regexp(t, `(?s)second.*first`, got.out, "in the order of submission")
		got = m.run(t, asCommand, jump, "list -o json")
		for line := range strings.Lines(got.out) {
			require.True(t, json.Valid([]byte(line)))
		}
	})
}

// The clock jumps between two polls in different processes. A cursor that is due hours later
// is due after two minutes then.
func TestClock_Cursor(t *testing.T) {
	forEachJump(t, 0, func(t *testing.T, now jump) {
		m := newMachine(t)
		m.relay.Add("film", xiexustest.Completes(4*time.Second, video))
		cursor := `{"task_id":"film"}`
		began := time.Now()
		for _, jump := range []jump{{}, now, now, now, now, now} {
			got := m.run(t, asPoller, jump, cursor)
			require.Zero(t, got.code, got.err)
			cursor = strings.TrimSpace(got.out)
		}
		require.Contains(t, cursor, `"done":true`)
		requireFewPolls(t, m, 5)
		require.Less(t, time.Since(began), 3*time.Minute)
	})
}
