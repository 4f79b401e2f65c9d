package faults_test

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// call is a call of the client, how long it may take, and what it says of its outcome.
type call struct {
	name  string
	limit time.Duration
	run   func(ctx context.Context, w *world) string
}

var (
	reads     = []call{{"Get", longestRead, get}, {"GetAll", longestRead + longestRetryAfter, getAll}, {"Wait", longestWait, wait}, {"WaitAll", longestWait, waitAll}}
	creates   = []call{{"Create", longestCreate, create}, {"create --requests", batchRequests * longestCreate, createBatch}}
	downloads = []call{{"Download", longestDownload, download}, {"DownloadFile", longestDownload, downloadFile}}

	calls = slices.Concat(reads, creates, downloads)
)

func get(ctx context.Context, w *world) string {
	id := w.addTasks(1, 0)[0]
	task, err := w.client.Get(ctx, id)
	return w.outcome(id, task, err)
}

func getAll(ctx context.Context, w *world) string {
	ids := w.addTasks(3, 0)
	return w.collect(w.client.GetAll(ctx, slices.Values(ids)), ids)
}

func wait(ctx context.Context, w *world) string {
	id := w.addTasks(1, taskTime)[0]
	task, err := w.client.Wait(ctx, id, xiexus.WithMaxWait(maxWait))
	return w.outcome(id, task, err)
}

func waitAll(ctx context.Context, w *world) string {
	ids := w.addTasks(3, taskTime)
	return w.collect(w.client.WaitAll(ctx, slices.Values(ids), xiexus.WithMaxWait(maxWait)), ids)
}

func create(ctx context.Context, w *world) string {
	w.proxy.creating = true
	task, err := w.client.Create(ctx, xiexus.CreateRequest{Model: "model-1", Prompt: "a cat"})
	kind := kindOf(err)
	switch {
	case err == nil:
		require.Equal(w, []string{task.TaskID}, w.relay.Created())
	case strings.HasPrefix(kind, uncertain):
		require.LessOrEqual(w, len(w.relay.Created()), 1)
	default:
		require.Empty(w, w.relay.Created(), "tasks that the caller does not know of")
	}
	if creates := w.proxy.counted().creates; creates > 1 {
		kind += fmt.Sprintf(", sent %d times", creates)
	}
	return kind
}

// addTasks adds tasks that take a time, and returns their IDs.
func (w *world) addTasks(n int, d time.Duration) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprint("task_", i)
		w.relay.Add(ids[i], xiexustest.Completes(d, videoOf(ids[i])))
	}
	return ids
}

// videoOf returns the URL of the video of a task.
func videoOf(id string) string { return "http://cdn.localhost/" + id + ".mp4" }

// outcome checks that a task is the one with the ID, and returns what became of it: "ok" if
// it is completed, and has its own video.
func (w *world) outcome(id string, task *xiexus.Task, err error) string {
	if task != nil {
		require.Equal(w, id, task.TaskID)
	}
	switch {
	case err != nil:
		return kindOf(err)
	case task.Status != xiexus.StatusCompleted:
		return string(task.Status)
	}
	require.Equal(w, videoOf(id), task.URL)
	return kindOf(nil)
}

// collect checks that each ID has exactly one outcome, and returns the first that is not ok.
func (w *world) collect(outcomes iter.Seq[xiexus.Outcome], ids []string) string {
	var seen []string
	first := kindOf(nil)
	for outcome := range outcomes {
		seen = append(seen, outcome.TaskID)
		if text := w.outcome(outcome.TaskID, outcome.Task, outcome.Err); first == kindOf(nil) {
			first = text
		}
	}
	require.ElementsMatch(w, ids, seen)
	return first
}
