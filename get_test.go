package xiexus_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestGet_Dialects(t *testing.T) {
	const video = "https://cdn.example.com/v.mp4?sig=a&b=c"
	steps := []xiexustest.Step{
		{Status: xiexus.StatusQueued},
		{At: 10 * time.Second, Status: xiexus.StatusInProgress, Progress: 30},
		{At: 20 * time.Second, Status: "UNKNOWN", Progress: 30},
		{At: 30 * time.Second, Status: xiexus.StatusCompleted, Progress: 100, URL: video},
		{At: 40 * time.Second, Status: xiexus.StatusFailed, Progress: 100, Reason: "unsafe prompt"},
	}
	for _, dialect := range xiexustest.AllDialects() {
		t.Run(string(dialect), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				client := newClient(t, relay)
				relay.Add("task", xiexustest.Script{Dialects: []xiexustest.Dialect{dialect}, Steps: steps})

				for _, step := range steps {
					task, err := client.Get(t.Context(), "task")
					require.NoError(t, err)
					require.Equal(t, "task", task.TaskID)
					require.Equal(t, step.URL, task.URL)
					if step.Status == "UNKNOWN" {
						require.Equal(t, xiexus.StatusUnknown, task.Status)
					} else {
						require.Equal(t, step.Status, task.Status)
					}
					require.Equal(t, step.Status == xiexus.StatusFailed, task.Error != nil)
					require.Equal(t, step.At >= 30*time.Second, task.Done())
					require.NotEmpty(t, task.Raw)
					time.Sleep(10 * time.Second)
				}
			})
		})
	}
}

func TestGet_FieldsOfStoredTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		start := time.Now().UTC()
		relay.Add("task", xiexustest.Completes(100*time.Second, video, xiexustest.Stored))
		time.Sleep(100 * time.Second)

		task, err := newClient(t, relay).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, "SUCCESS", task.RelayStatus)
		require.Equal(t, 100, *task.Progress)
		require.Equal(t, start, task.SubmittedAt)
		require.Equal(t, start.Add(20*time.Second), task.StartedAt)
		require.Equal(t, start.Add(100*time.Second), task.FinishedAt)
		require.Equal(t, start.Add(100*time.Second), task.UpdatedAt)
	})
}

func TestGet_Retries(t *testing.T) {
	tests := []struct {
		name    string
		fault   xiexustest.Fault
		retried bool
		is      error // nil if it is an error of no kind
		status  int   // of the APIError; 0 if there is no response
	}{
		{"reset", xiexustest.Fault{Reset: true}, true, xiexus.ErrUnavailable, 0},
		{"truncated", xiexustest.Fault{Cut: true}, true, xiexus.ErrUnavailable, 200},
		{"empty 200", xiexustest.Fault{Empty: true}, true, xiexus.ErrUnexpectedResponse, 200},
		{"408", xiexustest.Fault{Status: 408}, true, xiexus.ErrUnavailable, 408},
		{"429", xiexustest.Fault{Status: 429, Empty: true}, true, xiexus.ErrRateLimited, 429},
		{"500", xiexustest.Fault{Status: 500}, true, xiexus.ErrUnavailable, 500},
		{"502 with a web page", xiexustest.Fault{Status: 502, HTML: true}, true, xiexus.ErrUnavailable, 502},
		{"permanent 503", xiexustest.Fault{Status: 503, Body: `{"error":{"code":"model_not_found"}}`}, false, xiexus.ErrModelUnavailable, 503},
		{"web page", xiexustest.Fault{HTML: true}, false, xiexus.ErrUnexpectedResponse, 200},
		{"400", xiexustest.Fault{Status: 400}, false, nil, 400},
		{"401", xiexustest.Fault{Status: 401}, false, xiexus.ErrUnauthorized, 401},
		{"403", xiexustest.Fault{Status: 403}, false, xiexus.ErrForbidden, 403},
		{"404", xiexustest.Fault{Status: 404}, false, xiexus.ErrTaskNotFound, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Completes(0, video))
				relay.Fail("task", test.fault, test.fault)

				task, err := newClient(t, relay, xiexus.WithMaxRetries(1)).Get(t.Context(), "task")
				require.Nil(t, task)
				require.ErrorContains(t, err, `read task "task": `)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				if apiErr := (*xiexus.APIError)(nil); test.status != 0 {
					require.ErrorAs(t, err, &apiErr)
					require.Equal(t, test.status, apiErr.StatusCode)
					require.Equal(t, "http://relay.localhost/v1/video/generations/task", apiErr.URL)
					require.Equal(t, "GET", apiErr.Method)
				}
				requests := 1
				if test.retried {
					requests = 2
				}
				require.Len(t, relay.Requests(), requests)
			})
		})
	}
}

func TestGet_SucceedsOnTheLastRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, video))
		relay.Fail("task", xiexustest.Fault{Status: 503, RetryAfter: "7"}, xiexustest.Fault{Cut: true})
		task, err := newClient(t, relay).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
		requests := polledAt(relay)
		require.Len(t, requests, 3, "by default it retries twice")
		require.Equal(t, 7*time.Second, requests[1], "Retry-After comes first")
	})
}

func TestGet_ContextEndsBeforeARetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		relay.Fail("task", xiexustest.Fault{Status: 503, RetryAfter: "60"})
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		_, err := newClient(t, relay).Get(ctx, "task")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		require.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestGet_RequestTimeout(t *testing.T) {
	tests := []struct {
		name    string
		delay   time.Duration
		opts    []xiexus.Option
		elapsed time.Duration
		timeout bool
	}{
		{"some relays hold a read for more than 20 s", 25 * time.Second, nil, 25 * time.Second, false},
		{"one minute by default", time.Hour, nil, time.Minute, true},
		{"set", time.Hour, []xiexus.Option{xiexus.WithRequestTimeout(3 * time.Second)}, 3 * time.Second, true},
		{"none", time.Hour, []xiexus.Option{xiexus.WithRequestTimeout(0)}, time.Hour, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Completes(0, video))
				relay.Fail("task", xiexustest.Fault{Delay: test.delay})
				client := newClient(t, relay, append(test.opts, xiexus.WithMaxRetries(0))...)
				start := time.Now()
				_, err := client.Get(t.Context(), "task")
				require.Equal(t, test.elapsed, time.Since(start))
				if !test.timeout {
					require.NoError(t, err)
					return
				}
				require.ErrorIs(t, err, xiexus.ErrUnavailable)
				require.ErrorIs(t, err, context.DeadlineExceeded)
			})
		})
	}
}

func TestGet_RetriesAfterATimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, video))
		relay.Fail("task", xiexustest.Fault{Delay: time.Hour})
		_, err := newClient(t, relay).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Len(t, relay.Requests(), 2)
	})
}
