package xiexus_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"golang.org/x/time/rate"
)

// ownVideo is the URL of a video that the relay delivers itself.
const ownVideo = "http://relay.localhost/v1/videos/task_0/content"

// limiterFunc is a limiter made of a function.
type limiterFunc func(context.Context) error

func (f limiterFunc) Wait(ctx context.Context) error { return f(ctx) }

func TestWithLimiter_IsCalledBeforeEachRequest(t *testing.T) {
	relay := relayWith(t, 3, xiexustest.Completes(0, ownVideo))
	turns := 0
	client := newClient(t, relay, xiexus.WithLimiter(limiterFunc(func(ctx context.Context) error {
		require.Len(t, relay.Requests(), turns, "before the request")
		turns++
		return ctx.Err()
	})))
	_, err := client.Create(t.Context(), pianoCat)
	require.NoError(t, err)
	task, err := client.Get(t.Context(), "task_0")
	require.NoError(t, err)
	client.PollAll(t.Context(), cursorsOf(numbered(3)))
	require.Equal(t, 3, turns)

	_, err = client.Download(t.Context(), task, io.Discard)
	require.NoError(t, err)
	require.Equal(t, len(relay.Requests()), turns)
}

// Two clients share a limit.
func TestWithLimiter_OfPackageRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 1, endless)
		limiter := xiexus.WithLimiter(rate.NewLimiter(1, 1))
		one, other := newClient(t, relay, limiter), newClient(t, relay, limiter)
		start := time.Now()
		for _, client := range []*xiexus.Client{one, other, one} {
			_, err := client.Get(t.Context(), "task_0")
			require.NoError(t, err)
		}
		require.Equal(t, 2*time.Second, time.Since(start))

		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		cursor := xiexus.NewCursor("task_0")
		_, same, err := one.Poll(ctx, cursor)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, cursor, same, "a turn that comes too late is not a failed poll")
	})
}

func TestWithLimiter_TheLastOptionCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 1, endless)
		start := time.Now()
		never := xiexus.WithLimiter(limiterFunc(func(context.Context) error { return errors.New("never") }))
		client := newClient(t, relay, never, xiexus.WithRateLimit(0.1, 1))
		for range 2 {
			_, err := client.Get(t.Context(), "task_0")
			require.NoError(t, err)
		}
		require.Equal(t, 10*time.Second, time.Since(start))
	})
}

// A turn may take longer than a request may.
func TestWithLimiter_TimeoutOfTheRequestBeginsAfterIt(t *testing.T) {
	for name, limit := range map[string]xiexus.Option{
		"WithLimiter": xiexus.WithLimiter(limiterFunc(func(context.Context) error {
			time.Sleep(time.Minute)
			return nil
		})),
		"WithRateLimit": xiexus.WithRateLimit(1./60, 1),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 1, xiexustest.Completes(0, ownVideo))
				client := newClient(t, relay, limit, xiexus.WithRequestTimeout(time.Second), xiexus.WithMaxRetries(0))
				start := time.Now()
				var task *xiexus.Task
				var err error
				for range 2 {
					task, err = client.Get(t.Context(), "task_0")
					require.NoError(t, err)
				}
				_, err = client.Download(t.Context(), task, io.Discard)
				require.NoError(t, err)
				require.GreaterOrEqual(t, time.Since(start), 2*time.Minute)
			})
		})
	}
}

// The store of a limiter may be away for a while.
func TestWithLimiter_Errors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 1, xiexustest.Completes(time.Minute, video))
		away := errors.New("the store is away")
		until := time.Now().Add(20 * time.Second)
		newClient := func(retries int) *xiexus.Client {
			return newClient(t, relay, xiexus.WithMaxRetries(retries), xiexus.WithLimiter(limiterFunc(func(context.Context) error {
				if time.Now().Before(until) {
					return away
				}
				return nil
			})))
		}
		_, err := newClient(0).Get(t.Context(), "task_0")
		require.ErrorIs(t, err, away)
		require.ErrorIs(t, err, xiexus.ErrUnavailable)
		_, err = newClient(0).Create(t.Context(), pianoCat)
		require.ErrorIs(t, err, away)
		var uncertain *xiexus.CreateUncertainError
		require.NotErrorAs(t, err, &uncertain, "nothing was sent")

		polled := newClient(0).PollAll(t.Context(), cursorsOf(numbered(1)))[0]
		require.ErrorIs(t, polled.Err, away)
		require.False(t, polled.Cursor.Done)
		require.Empty(t, relay.Requests())

		task, err := newClient(0).Wait(t.Context(), "task_0")
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
		until = time.Now().Add(time.Second)
		_, err = newClient(5).Create(t.Context(), pianoCat)
		require.NoError(t, err)
	})
}

// A limiter that allows nothing must not block forever.
func TestWithLimiter_WithoutBurst(t *testing.T) {
	client := newClient(t, newRelay(t), xiexus.WithLimiter(rate.NewLimiter(1, 0)), xiexus.WithMaxRetries(0))
	_, err := client.Get(context.WithoutCancel(t.Context()), "task")
	require.ErrorIs(t, err, xiexus.ErrUnavailable)
	require.ErrorContains(t, err, "burst")
}
