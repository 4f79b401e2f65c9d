package many_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/bench/many"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The limits on the heap are far above what the tables show. They fail when WaitAll keeps
// responses.

func TestMeasureWaiting_WaitsAreSmallAndShareGoroutines(t *testing.T) {
	for _, dialect := range []xiexustest.Dialect{xiexustest.Stored, xiexustest.Documented} {
		t.Run(string(dialect), func(t *testing.T) {
			got, err := many.MeasureWaiting(t.Context(), many.Playback(dialect), 10_000)
			require.NoError(t, err)
			require.Less(t, got.Bytes, 800.0)
			require.LessOrEqual(t, got.Goroutines, many.Concurrency+8)
		})
	}
}

func TestMeasureEnding_TasksEndAfterOneOrTwoPolls(t *testing.T) {
	const tasks = 2_000
	for _, test := range []struct {
		name        string
		batchSize   int
		least, most int64
	}{
		{"batches", 100, tasks * 3 / 2 / 100, tasks / 2},
		{"one by one", 1, tasks * 3 / 2, tasks * 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := many.MeasureEnding(t.Context(), tasks, xiexus.WithBatchSize(test.batchSize),
				xiexus.WithInterval(time.Second, time.Second))
			require.NoError(t, err)
			require.GreaterOrEqual(t, got.Requests, test.least)
			require.LessOrEqual(t, got.Requests, test.most)
			require.LessOrEqual(t, got.Goroutines, many.Concurrency+8)
		})
	}
}

func TestMeasureCompleted_OutcomesAreReleased(t *testing.T) {
	const tasks = 20_000
	for _, test := range []struct {
		name      string
		method    many.Method
		batchSize int
	}{
		{"WaitAll, batches", (*xiexus.Client).WaitAll, 100},
		{"WaitAll, one by one", (*xiexus.Client).WaitAll, 1},
		{"GetAll, batches", (*xiexus.Client).GetAll, 100},
		{"GetAll, one by one", (*xiexus.Client).GetAll, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := many.MeasureCompleted(t.Context(), test.method, tasks, xiexus.WithBatchSize(test.batchSize))
			require.NoError(t, err)
			require.Less(t, got.Peak, uint64(1000*tasks))
		})
	}
}
