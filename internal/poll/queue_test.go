package poll_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/poll"
)

func TestQueue_IsFair(t *testing.T) {
	var queue poll.Queue[string]
	for _, push := range []struct {
		due  float64
		item string
	}{{3, "c"}, {1, "a1"}, {2, "b"}, {1, "a2"}, {1, "a3"}} {
		queue.Push(at(push.due), push.item)
	}
	var order []string
	for queue.Len() > 0 {
		due, first := queue.First()
		require.Equal(t, first, queue.Pop())
		order = append(order, first)
		if first == "a1" {
			queue.Push(due, "a4") // behind those that were due at the same time before
		}
	}
	require.Equal(t, []string{"a1", "a2", "a3", "a4", "b", "c"}, order)
}
