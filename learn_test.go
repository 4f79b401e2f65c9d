package xiexus_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// shared returns what another process decodes.
func shared(t *testing.T, learned xiexus.Learned) xiexus.Learned {
	t.Helper()
	encoded, err := json.Marshal(learned)
	require.NoError(t, err)
	require.NotContains(t, string(encoded), "sk-")
	require.NotContains(t, string(encoded), "http")
	return decodeLearned(t, string(encoded))
}

func decodeLearned(t *testing.T, encoded string) (learned xiexus.Learned) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(encoded), &learned), encoded)
	return learned
}

// waitFor waits for a task that begins now, and returns when it was polled, from now on.
func waitFor(t *testing.T, client *xiexus.Client, relay *xiexustest.Relay, id string) (polls []time.Duration) {
	t.Helper()
	start, before := time.Now(), len(relay.Requests())
	relay.Add(id, storedTask(passes, xiexustest.Stored))
	_, err := client.Wait(t.Context(), id)
	require.NoError(t, err)
	for _, request := range relay.Requests()[before:] {
		polls = append(polls, request.At.Sub(start))
	}
	return polls
}

func TestClient_LearnsTheBeatFromAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		first, second := newClient(t, relay), newClient(t, relay)
		start := time.Now()
		waitFor(t, first, relay, "first")
		second.Learn(shared(t, first.Learned()))
		require.Equal(t, first.Learned(), second.Learned(), "their polls meet")
		time.Sleep(time.Until(start.Add(10 * passes.Interval))) // so that both tasks have the same passes
		polls := waitFor(t, second, relay, "second")
		for _, poll := range polls[1:] {
			require.Less(t, (poll-passes.First)%passes.Interval, 2*time.Second)
		}
		require.LessOrEqual(t, len(polls), 9)
	})
}

// It may be learned in any order: the more recent beat counts.
func TestClient_LearnKeepsTheMoreRecentBeat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		early, late := newClient(t, relay), newClient(t, relay)
		waitFor(t, early, relay, "early")
		time.Sleep(time.Hour + 4*time.Second) // the relay has restarted
		waitFor(t, late, relay, "late")
		old, recent := early.Learned(), late.Learned()
		require.NotEqual(t, old, recent)

		late.Learn(shared(t, old))
		require.Equal(t, recent, late.Learned())
		early.Learn(shared(t, recent))
		require.Equal(t, recent, early.Learned())

		time.Sleep(72 * time.Hour)
		fresh := newClient(t, relay)
		fresh.Learn(shared(t, recent))
		require.Equal(t, xiexus.Learned{}, withoutShare(t, fresh.Learned()), "it is too old")
	})
}

// withoutShare returns what was learned without how far the client keeps from the beat.
func withoutShare(t *testing.T, learned xiexus.Learned) xiexus.Learned {
	t.Helper()
	encoded, err := json.Marshal(learned)
	require.NoError(t, err)
	fields := map[string]any{}
	require.NoError(t, json.Unmarshal(encoded, &fields))
	delete(fields, "share")
	encoded, err = json.Marshal(fields)
	require.NoError(t, err)
	return decodeLearned(t, string(encoded))
}

// Clients that know no beat agree on how far to keep from that of others.
func TestClient_LearnWithoutABeat(t *testing.T) {
	relay := newRelay(t)
	one, other := newClient(t, relay), newClient(t, relay)
	before := one.Learned()
	one.Learn(xiexus.Learned{})
	require.Equal(t, before, one.Learned())
	ofOther := shared(t, other.Learned())
	other.Learn(shared(t, one.Learned()))
	one.Learn(ofOther)
	require.Equal(t, one.Learned(), other.Learned(), "although each has learned from the other at the same time")
}

func TestClient_LearnsThatBatchesAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := relayWith(t, 20, xiexustest.Completes(0, video))
		relay.RefuseBatches(xiexustest.BatchNotFound)
		first, second := newClient(t, relay), newClient(t, relay)
		collect(t, first.GetAll(t.Context(), numbered(20)))
		second.Learn(shared(t, first.Learned()))
		collect(t, second.GetAll(t.Context(), numbered(20)))
		sizes, _ := batches(relay)
		require.Equal(t, []int{20}, sizes)
	})
}

func TestClient_LearnsHowManyTasksABatchMayRead(t *testing.T) {
	tests := []struct {
		limit string
		want  int
	}{
		{"8", 8}, {"2", 2}, {"1", 20}, {"0", 20}, {"-5", 20}, {"9000000000000000000", 20},
	}
	for _, test := range tests {
		t.Run(test.limit, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := relayWith(t, 20, xiexustest.Completes(0, video))
				client := newClient(t, relay)
				client.Learn(decodeLearned(t, `{"most_batch":`+test.limit+`}`))
				collect(t, client.GetAll(t.Context(), numbered(20)))
				sizes, _ := batches(relay)
				require.Equal(t, test.want, sizes[0])
			})
		})
	}
}

// What is shared may have been tampered with. Tasks complete nevertheless, with few polls.
func TestClient_LearnFromAnywhere(t *testing.T) {
	var texts []string
	for _, phase := range []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 946684800_000, 946684800_000 + 3600_000} {
		for _, count := range []int64{0, math.MaxInt32, math.MinInt32} {
			texts = append(texts, fmt.Sprintf(
				`{"beat":{"phase":%d,"even":%[2]d,"fit":%[2]d,"low":%[1]d,"high":%[1]d},"share":%[2]d,"most_batch":%[1]d}`, phase, count))
		}
	}
	texts = append(texts, `{}`, `null`, `{"from_the_future":{},"share":1e300}`, `{"share":-0.5}`)
	for _, text := range texts {
		t.Run(text, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				relay := newRelay(t)
				client := newClient(t, relay)
				client.Learn(decodeLearned(t, text))
				start := time.Now()
				require.LessOrEqual(t, len(waitFor(t, client, relay, "task")), 12)
				require.Less(t, time.Since(start), 2*time.Minute)

				client.Learn(decodeLearned(t, text)) // and again, as a store that nobody repairs
				require.LessOrEqual(t, len(waitFor(t, client, relay, "again")), 12)
			})
		})
	}
	for _, text := range []string{`"nonsense"`, `{"beat":7}`, `{"share":"x"}`, `{"most_batch":1.5}`} {
		var learned xiexus.Learned
		require.Error(t, json.Unmarshal([]byte(text), &learned), text)
		require.Equal(t, xiexus.Learned{}, learned)
	}
}
