package xiexus_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestWatch_YieldsEachChangeOnce(t *testing.T) {
	const in, done = xiexus.StatusInProgress, xiexus.StatusCompleted
	tests := []struct {
		name   string
		script xiexustest.Script
		want   []xiexustest.Step
	}{
		{
			"status and progress",
			xiexustest.Completes(100*time.Second, video, xiexustest.Stored),
			[]xiexustest.Step{
				{Status: xiexus.StatusQueued}, {Status: in, Progress: 10}, {Status: in, Progress: 35},
				{Status: in, Progress: 60}, {Status: in, Progress: 85}, {Status: done, Progress: 100, URL: video},
			},
		},
		{
			"responses without progress take nothing back",
			xiexustest.Script{
				Dialects: []xiexustest.Dialect{xiexustest.Stored, xiexustest.Realtime},
				Steps: []xiexustest.Step{
					{Status: in, Progress: 40}, {At: 100 * time.Second, Status: done, Progress: 100, URL: video},
				},
			},
			[]xiexustest.Step{{Status: in, Progress: 40}, {Status: done, Progress: 100, URL: video}},
		},
		{
			"a URL before the end",
			xiexustest.Script{Dialects: []xiexustest.Dialect{xiexustest.Stored}, Steps: []xiexustest.Step{
				{Status: in}, {At: 30 * time.Second, Status: in, URL: "https://cdn.example.com/preview.mp4"},
				{At: 60 * time.Second, Status: done, URL: video},
			}},
			[]xiexustest.Step{{Status: in}, {Status: in, URL: "https://cdn.example.com/preview.mp4"}, {Status: done, URL: video}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", test.script)
				relay.Fail("task", xiexustest.Fault{}, xiexustest.Fault{Cut: true})
				var got []xiexustest.Step
				for task, err := range newClient(t, relay).Watch(t.Context(), "task", xiexus.WithInterval(time.Second, time.Second)) {
					require.NoError(t, err)
					step := xiexustest.Step{Status: task.Status, URL: task.URL}
					if task.Progress != nil {
						step.Progress = *task.Progress
					}
					got = append(got, step)
				}
				last := len(test.want) - 1
				require.Len(t, got, len(test.want))
				require.Equal(t, test.want[:last], got[:last])
				require.Equal(t, test.want[last].URL, got[last].URL)
				require.Equal(t, done, got[last].Status)
			})
		})
	}
}

func TestWatch_EndsWithTheResultOfWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("bad", xiexustest.Fails(0, "unsafe"))
		relay.Add("endless", endless)
		client := newClient(t, relay)
		last := func(id string) (task *xiexus.Task, err error) {
			for task, err = range client.Watch(t.Context(), id, xiexus.WithMaxWait(time.Minute)) {
				continue
			}
			return task, err
		}
		task, err := last("bad")
		require.ErrorAs(t, err, new(*xiexus.TaskFailedError))
		require.Equal(t, xiexus.StatusFailed, task.Status)

		task, err = last("endless")
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.Equal(t, xiexus.StatusInProgress, task.Status)

		task, err = last("a/b")
		require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
		require.Nil(t, task)
	})
}

func TestWatch_BreakEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("endless", endless)
		for range newClient(t, relay).Watch(t.Context(), "endless") {
			break
		}
		time.Sleep(time.Hour)
		require.Len(t, relay.Requests(), 1)
	})
}
