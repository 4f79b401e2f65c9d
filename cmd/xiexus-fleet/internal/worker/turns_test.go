package worker

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

// More shards are due than the worker can poll: a round takes one, and lasts 100 ms, and each shard
// is due again after a second. All are polled in turn, also after their first poll.
func TestRound_StarvesNoShard(t *testing.T) {
	w, relay := newWorker(t)
	w.Take = 1
	w.Schedule = []xiexus.WaitOption{xiexus.WithInterval(time.Second, time.Second)}
	polls := map[string]int{}
	for _, id := range endless(relay, 15) {
		polls[id] = 0
		enqueue(t, w, shard.New(id))
	}
	pollNext := func() {
		before := len(relay.Requests())
		w.round(t.Context(), w.take(t.Context(), w.engine.WaitQueue, w.Take))
		for _, request := range relay.Requests()[before:] {
			for _, id := range request.TaskIDs {
				polls[id]++
			}
		}
	}
	for lap := 1; lap <= 2; lap++ {
		for slices.Min(slices.Collect(maps.Values(polls))) < lap {
			pollNext()
			for id, n := range polls {
				require.LessOrEqual(t, n, lap+1, "%s, while others have not been polled %d times", id, lap)
			}
		}
	}
	require.Equal(t, 15, waiting(t, w))
}

// If a move is repeated, because an acknowledgment was lost, the shard is not stored twice.
func TestMoveToEnd_Repeated(t *testing.T) {
	w, relay := newWorker(t)
	ids := endless(relay, 2)
	enqueue(t, w, shard.New(ids[0]), shard.New(ids[1]))
	first := w.take(t.Context(), w.engine.WaitQueue, 1)
	for range 2 {
		require.True(t, w.moveToEnd(t.Context(), first[0]))
	}
	require.Equal(t, 2, waiting(t, w))
	var order []string
	for _, message := range w.take(t.Context(), w.engine.WaitQueue, 16) {
		s, err := shard.Decode(message.Data())
		require.NoError(t, err)
		order = append(order, s.TaskIDs...)
	}
	require.Equal(t, []string{ids[1], ids[0]}, order)
}

// A worker was stopped for so long that another one has finished the shard.
func TestMoveToEnd_Finished(t *testing.T) {
	w, relay := newWorker(t)
	enqueue(t, w, shard.New(endless(relay, 1)...))
	messages := w.take(t.Context(), w.engine.WaitQueue, 1)
	require.NoError(t, w.ack(t.Context(), messages[0]))
	require.False(t, w.moveToEnd(t.Context(), messages[0]))
	require.Zero(t, waiting(t, w))
}

// There is no room to move a shard: it is polled nevertheless.
func TestInTurn_FullStream(t *testing.T) {
	w, relay := newWorker(t)
	for _, id := range endless(relay, 5) {
		enqueue(t, w, shard.New(id))
	}
	info, err := w.engine.Waits.Info(t.Context())
	require.NoError(t, err)
	info.Config.MaxMsgs = 5
	_, err = w.engine.JS.UpdateStream(t.Context(), info.Config)
	require.NoError(t, err)

	messages := w.take(t.Context(), w.engine.WaitQueue, 1)
	w.handBack(messages[0], 0)
	for !isRedelivered(messages[0]) { // it takes the server a moment
		messages = w.take(t.Context(), w.engine.WaitQueue, 1)
	}
	require.True(t, isOvertaking(messages))
	require.Equal(t, messages, w.inTurn(t.Context(), messages))
	require.Equal(t, 5, waiting(t, w))
}
