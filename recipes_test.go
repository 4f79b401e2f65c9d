package xiexus_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The examples show recipes in their simplest case. Here they meet what happens in production.

func TestRecipe_QueueResumesInOtherProcesses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(5*time.Minute, "", xiexustest.Stored))
		relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Status: http.StatusBadGateway})
		file := filepath.Join(t.TempDir(), "cat.mp4")
		payload, err := json.Marshal(job{Cursor: xiexus.NewCursor("task"), File: file})
		require.NoError(t, err)
		runs := 0
		for payload != nil {
			runs++
			again, at, err := run(t.Context(), newClient(t, relay), payload)
			require.NoError(t, err)
			require.Equal(t, again != nil, time.Until(at) > time.Second)
			payload = again
		}
		require.FileExists(t, file)
		require.Greater(t, runs, 3)
		require.Less(t, runs, 40)
	})
}

func TestRecipe_QueueReportsWhyAJobIsOver(t *testing.T) {
	relay := newRelay(t)
	payload := []byte(`{"cursor":{"task_id":"task","started_at":"2026-01-02T03:04:05Z","attempts":9},"file":"cat.mp4"}`)
	again, _, err := run(t.Context(), newClient(t, relay), payload)
	require.ErrorIs(t, err, xiexus.ErrTaskNotFound)
	require.Nil(t, again)
}

func TestRecipe_SaveAllContinuesAfterErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.OnCreate(func(request xiexus.CreateRequest) xiexustest.Script {
			if request.Prompt == "war" {
				return xiexustest.Fails(time.Minute, "unsafe prompt")
			}
			return xiexustest.Completes(5*time.Minute, "")
		})
		dir := t.TempDir()
		prompts := map[string]string{filepath.Join(dir, "none.mp4"): ""}
		for _, name := range []string{"cat", "dog", "war"} {
			prompts[filepath.Join(dir, name+".mp4")] = name
		}
		err := saveAll(t.Context(), newClient(t, relay), prompts)
		require.ErrorIs(t, err, xiexus.ErrInvalidRequest)
		require.ErrorContains(t, err, "none.mp4")
		require.ErrorContains(t, err, "war.mp4")
		require.FileExists(t, filepath.Join(dir, "cat.mp4"))
		require.FileExists(t, filepath.Join(dir, "dog.mp4"))
		require.Len(t, relay.Created(), 3)
	})
}

func TestRecipe_ReceivedEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(time.Minute, video))
		ctx, cancel := context.WithCancel(t.Context())
		ids := make(chan string, 1)
		ids <- "task"
		for outcome := range newClient(t, relay).WaitAll(ctx, received(ctx, ids)) {
			require.NoError(t, outcome.Err)
			break
		}
		cancel() // a sequence that still waits would end the test as a deadlock
	})
}

func TestRecipe_FailoverNeverPaysTwice(t *testing.T) {
	for name, test := range map[string]struct {
		fault   xiexustest.Fault
		created int // at the second relay
	}{
		"rejected":  {xiexustest.Fault{Status: http.StatusTooManyRequests}, 1},
		"overload":  {xiexustest.Fault{Status: http.StatusInternalServerError}, 1},
		"uncertain": {xiexustest.Fault{Reset: true}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := newRelay(t), newRelay(t)
			first.FailCreates(test.fault)
			clients := []*xiexus.Client{newClient(t, first, xiexus.WithMaxRetries(0)), newClient(t, second)}
			client, _, err := createAtFirst(t.Context(), pianoCat, clients...)
			require.Len(t, second.Created(), test.created)
			require.Equal(t, test.created == 1, err == nil && client == clients[1])
		})
	}
}

func TestRecipe_EventsEndWithTheTaskOrTheBrowser(t *testing.T) {
	for name, test := range map[string]struct {
		script xiexustest.Script
		stay   time.Duration
		want   []string
	}{
		"completed": {storedTask(xiexustest.Ticker{}), time.Hour, []string{"queued", "in_progress", "completed"}},
		"failed":    {xiexustest.Fails(time.Minute, "unsafe\nprompt"), time.Hour, []string{"queued", "in_progress", "failed"}},
		"left":      {endless, time.Minute, []string{"in_progress", "failed"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", test.script)
				ctx, cancel := context.WithTimeout(t.Context(), test.stay)
				defer cancel()
				req := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", http.NoBody)
				req.SetPathValue("id", "task")
				browser := httptest.NewRecorder()
				events(newClient(t, relay))(browser, req)
				var seen []string
				for _, match := range regexp.MustCompile(`(?m)^event: (\w+)\ndata: .+\n\n`).FindAllStringSubmatch(browser.Body.String(), -1) {
					if len(seen) == 0 || seen[len(seen)-1] != match[1] {
						seen = append(seen, match[1])
					}
				}
				require.Equal(t, test.want, seen, browser.Body)
			})
		})
	}
}
