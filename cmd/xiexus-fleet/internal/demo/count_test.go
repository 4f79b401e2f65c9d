package demo

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

func TestCountResults_FindsLostAndRepeatedResults(t *testing.T) {
	failed := &outcome.Error{Kind: outcome.KindFailed}
	c := countResults([]string{"a", "b", "c"}, []outcome.Result{
		{TaskID: "a", Worker: "w1"}, {TaskID: "b", Worker: "w2", Error: failed}, {TaskID: "a", Worker: "w2"},
	})
	require.Equal(t, counts{results: 3, lost: 1, duplicates: 1, completed: 2, failed: 1, byWorker: map[string]int{"w1": 1, "w2": 2}}, c)
}
