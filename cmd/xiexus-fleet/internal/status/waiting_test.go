package status

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

func TestCount(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, test := range map[string]struct {
		subjects map[string]uint64
		cursors  map[string]engine.CursorsInfo
		want     Waiting
	}{
		"nothing":        {want: Waiting{}},
		"never polled":   {subjects: map[string]uint64{"w.A.500": 1, "w.B.20": 1}, want: Waiting{Tasks: 520, Shards: 2}},
		"polled":         {map[string]uint64{"w.A.500": 1}, map[string]engine.CursorsInfo{"A": {Tasks: 3, Since: since}}, Waiting{Tasks: 3, Shards: 1, OldestSince: since}},
		"without shard":  {cursors: map[string]engine.CursorsInfo{"A": {Tasks: 3, Since: since}}, want: Waiting{}},
		"other subjects": {subjects: map[string]uint64{"w.A": 1, "x.A.5": 1}, want: Waiting{}},
		"oldest": {
			map[string]uint64{"w.A.9": 1, "w.B.9": 1, "w.C.9": 1},
			map[string]engine.CursorsInfo{"A": {Tasks: 1, Since: since.Add(time.Hour)}, "B": {Tasks: 1, Since: since}, "C": {Tasks: 1}},
			Waiting{Tasks: 3, Shards: 3, OldestSince: since},
		},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, test.want, count("w.", test.subjects, test.cursors))
		})
	}
}
