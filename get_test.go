package xiexus_test

import (
	"context"
	"errors"
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

func TestGetUnderstandsEveryDialect(t *testing.T) {
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
					require.Equal(t, task.Done(), step.At >= 30*time.Second)
					require.NotEmpty(t, task.Raw)
					time.Sleep(10 * time.Second)
				}
			})
		})
	}
}

func TestGetReadsWhatTheStoredDialectTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		start := time.Now().UTC()
		relay.Add("task", xiexustest.Completes(100*time.Second, "https://cdn.example.com/v.mp4", xiexustest.Stored))
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

func TestGetTriesAgain(t *testing.T) {
	tests := []struct {
		name   string
		fault  xiexustest.Fault
		again  bool
		is     error
		status int
	}{
		{"reset", xiexustest.Fault{Reset: true}, true, xiexus.ErrUnavailable, 0},
		{"cut", xiexustest.Fault{Cut: true}, true, xiexus.ErrUnavailable, 200},
		{"empty 200", xiexustest.Fault{Empty: true}, true, xiexus.ErrUnexpectedResponse, 200},
		{"408", xiexustest.Fault{Status: 408}, true, xiexus.ErrUnavailable, 408},
		{"429", xiexustest.Fault{Status: 429, Empty: true}, true, xiexus.ErrRateLimited, 429},
		{"500", xiexustest.Fault{Status: 500}, true, xiexus.ErrUnavailable, 500},
		{"502 page", xiexustest.Fault{Status: 502, HTML: true}, true, xiexus.ErrUnavailable, 502},
		{"503 for good", xiexustest.Fault{Status: 503, Body: `{"error":{"code":"model_not_found"}}`}, false, xiexus.ErrUnavailable, 503},
		{"page", xiexustest.Fault{HTML: true}, false, xiexus.ErrUnexpectedResponse, 200},
		{"400", xiexustest.Fault{Status: 400}, false, nil, 400},
		{"401", xiexustest.Fault{Status: 401}, false, xiexus.ErrUnauthorized, 401},
		{"403", xiexustest.Fault{Status: 403}, false, xiexus.ErrForbidden, 403},
		{"404", xiexustest.Fault{Status: 404}, false, xiexus.ErrTaskNotFound, 404},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				relay.Add("task", xiexustest.Completes(0, "https://cdn.example.com/v.mp4"))
				relay.Fail("task", test.fault, test.fault)

				_, err := newClient(t, relay, xiexus.WithMaxRetries(1)).Get(t.Context(), "task")
				require.Error(t, err)
				if test.is != nil {
					require.ErrorIs(t, err, test.is)
				}
				require.ErrorContains(t, err, `task "task"`)
				if answer := (*xiexus.APIError)(nil); test.status != 0 {
					require.ErrorAs(t, err, &answer)
					require.Equal(t, test.status, answer.StatusCode)
					require.Equal(t, "http://relay.localhost/v1/video/generations/task", answer.URL)
					require.Equal(t, "GET", answer.Method)
				}
				if !test.again {
					require.Len(t, relay.Requests(), 1)
					return
				}
				require.Len(t, relay.Requests(), 2)
			})
		})
	}
}

func TestGetSucceedsOnTheLastRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, "https://cdn.example.com/v.mp4"))
		relay.Fail("task", xiexustest.Fault{Status: 503, RetryAfter: "7"}, xiexustest.Fault{Reset: true})
		start := time.Now()
		task, err := newClient(t, relay).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, xiexus.StatusCompleted, task.Status)
		require.Equal(t, 7*time.Second, relay.Requests()[1].At.Sub(start), "Retry-After comes first")
	})
}

func TestGetObeysItsContextWhileItSleeps(t *testing.T) {
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

func TestGetGivesASlowRelayItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, "https://cdn.example.com/v.mp4"))
		relay.Fail("task", xiexustest.Fault{Delay: 25 * time.Second}, xiexustest.Fault{Delay: 25 * time.Second})

		_, err := newClient(t, relay).Get(t.Context(), "task")
		require.NoError(t, err, "some relays hold a read for more than 20 s")

		client := newClient(t, relay, xiexus.WithRequestTimeout(3*time.Second), xiexus.WithMaxRetries(0))
		start := time.Now()
		_, err = client.Get(t.Context(), "task")
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(start))
	})
}

func TestResponseSizeLimit(t *testing.T) {
	big := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"task_id":"task","status":"queued","x":"`+strings.Repeat("x", 3<<20)+`"}`)
	}
	_, err := clientOf(t, big).Get(t.Context(), "task")
	require.NoError(t, err, "3 MB have been seen")
	_, err = clientOf(t, big, xiexus.WithMaxResponseSize(3<<20)).Get(t.Context(), "task")
	require.ErrorIs(t, err, xiexus.ErrResponseTooLarge)
}

func TestRateLimitHoldsForAllTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		client := newClient(t, relay, xiexus.WithRateLimit(2, 1))
		start := time.Now()
		for range 5 {
			_, err := client.Get(t.Context(), "task")
			require.NoError(t, err)
		}
		require.Equal(t, 2*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_, err := client.Get(ctx, "task")
		require.ErrorIs(t, err, context.DeadlineExceeded)
	})
}

func TestKeyFunction(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	keys := []string{"Bearer " + testKey + "\n", testKey}
	client := newClient(t, relay, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) {
		key := keys[0]
		keys = append(keys[1:], key)
		return key, nil
	}))
	for range 2 {
		_, err := client.Get(t.Context(), "task")
		require.NoError(t, err)
	}

	vault := errors.New("the vault is sealed")
	client = newClient(t, relay, xiexus.WithAPIKeyFunc(func(context.Context) (string, error) { return "", vault }))
	asked := len(relay.Requests())
	_, err := client.Get(t.Context(), "task")
	require.ErrorIs(t, err, vault)
	_, err = client.Wait(t.Context(), "task")
	require.ErrorIs(t, err, vault)
	require.Len(t, relay.Requests(), asked, "nothing is sent without a key")
}

func TestAPIIsTheGeneratedClientOverTheSameTransport(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, "https://cdn.example.com/v.mp4"))
	resp := viaAPI(t, newClient(t, relay), "task")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "xiexus-go/"+xiexus.Version, relay.Requests()[0].Header.Get("User-Agent"))
}

func TestABaseURLWithAPathIsSentWithIt(t *testing.T) {
	for base, path := range map[string]string{
		"http://relay.localhost":           "/v1/video/generations/task",
		"http://relay.localhost/v1/":       "/v1/video/generations/task",
		"http://relay.localhost/api/v1":    "/api/v1/video/generations/task",
		"http://relay.localhost/a%2Fb/v1/": "/a%2Fb/v1/video/generations/task",
	} {
		relay := newRelay(t)
		_, err := newClient(t, relay, xiexus.WithBaseURL(base), xiexus.WithMaxRetries(0)).Get(t.Context(), "task")
		require.Error(t, err)
		require.Equal(t, path, relay.Requests()[0].Path)
	}
}
