package command_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const video = "https://cdn.example.com/v.mp4"

// addTasks adds tasks that have ended; every tenth one has failed.
func addTasks(relay *xiexustest.Relay, n int) (ids []string) {
	for i := range n {
		id := fmt.Sprintf("task_%03d", i)
		script := xiexustest.Completes(0, video, xiexustest.Stored)
		if i%10 == 9 {
			script = xiexustest.Fails(0, "blocked", xiexustest.Stored)
		}
		relay.Add(id, script)
		ids = append(ids, id)
	}
	return ids
}

func TestFleet_StoresOneResultForEachTask(t *testing.T) {
	relay := startRelay(t)
	ids := addTasks(relay, 30)
	store := storeDir(t)
	file := filepath.Join(t.TempDir(), "ids.txt")
	require.NoError(t, os.WriteFile(file, []byte(strings.Join(ids[2:20], "\n")+" # some\n"), 0o600))

	args := []string{"submit", "--store", store, "--shard", "7", ids[0], "@" + file, "-", ids[0], ids[1]}
	got := run(t.Context(), strings.Join(ids[15:], " "), args...)
	require.Equal(t, result{0, "", "submitted 30 tasks in 5 shards\n"}, got)
	worker := startWorker(t, store)
	first := results(t, store, 3)
	require.Len(t, first, 30)
	want := map[string]string{}
	for i, id := range ids {
		want[id] = "done"
		if i%10 == 9 {
			want[id] = "failed"
		}
	}
	require.Equal(t, want, kinds(first))

	got = run(t.Context(), "", "submit", "--store", store, ids[0], ids[1])
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, results(t, store, 3), 30, "a task that is submitted again keeps its result")
	got = worker.stop(t)
	require.Equal(t, 0, got.code, got.err)
	require.LessOrEqual(t, len(relay.Requests()), 6, "tasks are read together")
}

func TestWork_RefusesAnotherRelay(t *testing.T) {
	startRelay(t)
	store := storeDir(t)
	first := startWorker(t, store)
	require.Equal(t, 0, run(t.Context(), "", "submit", "--store", store, "task_none").code)
	require.Len(t, results(t, store, 4), 1)
	got := run(t.Context(), "", "work", "--store", store, "--base-url", "http://127.0.0.1:1")
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "the other workers of this fleet use another base URL; use --name")
	require.Equal(t, 0, first.stop(t).code)
}

func TestFleet_StoresNoKey(t *testing.T) {
	relay := startRelay(t)
	ids := addTasks(relay, 3)
	store := storeDir(t)
	relay.FailCreates(xiexustest.Fault{Status: 400})
	requests := writeFile(t, `{"model":"m","prompt":"a cat"}`)
	require.Equal(t, 0, run(t.Context(), "", "submit", "--store", store, "--requests", requests).code)
	require.Equal(t, 0, run(t.Context(), strings.Join(ids, "\n"), "submit", "--store", store, "-").code)
	worker := startWorker(t, store, "-v")
	require.Len(t, results(t, store, 1), 4)
	got := worker.stop(t)
	require.NotContains(t, got.out+got.err, testKey)
	files := 0
	require.NoError(t, filepath.WalkDir(store, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files++
		content, err := os.ReadFile(path)
		require.False(t, bytes.Contains(content, []byte(testKey)), path)
		return err
	}))
	require.NotZero(t, files)
	info, err := os.Stat(store)
	require.NoError(t, err)
	require.Zero(t, info.Mode().Perm()&0o077, "others must not read the store")
}

// When the process that runs the embedded server ends, another one takes over.
func TestFleet_AnotherWorkerTakesOverTheStore(t *testing.T) {
	relay := startRelay(t)
	ids := addTasks(relay, 20)
	relay.Add("late", xiexustest.Completes(1, video, xiexustest.Stored))
	store := storeDir(t)
	first := startWorker(t, store, "--worker", "first")
	require.Equal(t, 0, run(t.Context(), strings.Join(ids, "\n"), "submit", "--store", store, "-").code)
	second := startWorker(t, store, "--worker", "second")
	require.Len(t, results(t, store, 3), 20)

	require.Equal(t, 0, first.stop(t).code)
	require.Equal(t, result{0, "", "submitted 1 task in 1 shard\n"}, run(t.Context(), "", "submit", "--store", store, "late"))
	all := results(t, store, 3)
	require.Len(t, all, 21)
	require.Equal(t, "second", all[20].Worker)
	require.Equal(t, 0, second.stop(t).code)
}

// A wrong key is not a fact about tasks: the worker ends, and another one finishes.
func TestWork_WrongKeyEndsTheWorkerOnly(t *testing.T) {
	relay := startRelay(t)
	ids := addTasks(relay, 10)
	store := storeDir(t)
	require.Equal(t, 0, run(t.Context(), strings.Join(ids, "\n"), "submit", "--store", store, "-").code)
	t.Setenv(xiexus.EnvAPIKey, "sk-anotherKeyThatIsWrong")
	got := run(t.Context(), "", "work", "--store", store)
	require.Equal(t, 5, got.code, got.err)
	require.Contains(t, got.err, "the worker cannot continue")
	require.Empty(t, results(t, store, 0, "--no-wait"))

	t.Setenv(xiexus.EnvAPIKey, testKey)
	startWorker(t, store)
	require.Len(t, results(t, store, 3), 10)
}

// A worker that is interrupted finishes the request that is under way, and hands back the rest.
func TestWork_FinishesRequestsWhenInterrupted(t *testing.T) {
	relay := startRelay(t)
	ids := addTasks(relay, 4)
	relay.FailBatches(xiexustest.Fault{Delay: time.Second})
	store := storeDir(t)
	require.Equal(t, 0, run(t.Context(), strings.Join(ids, "\n"), "submit", "--store", store, "-").code)
	worker := startWorker(t, store, "--worker", "first", "--batch", "2", "--concurrency", "1")
	require.Eventually(t, func() bool { return len(relay.Requests()) == 1 }, waitTime, tickTime)
	got := worker.stop(t)
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, relay.Requests(), 1)
	require.Len(t, results(t, store, 0, "--no-wait"), 2)

	startWorker(t, store, "--worker", "second")
	all := results(t, store, 0)
	require.Len(t, all, 4)
	for i, r := range all {
		require.Equal(t, []string{"first", "first", "second", "second"}[i], r.Worker)
	}
	require.Len(t, relay.Requests(), 2)
}
