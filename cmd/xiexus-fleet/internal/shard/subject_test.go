package shard

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseSubject(t *testing.T) {
	s := New("task_1", "task_2")
	id, tasks, ok := ParseSubject("fleet.wait.", s.Subject("fleet.wait."))
	require.True(t, ok)
	require.Equal(t, s.ID, id)
	require.Equal(t, 2, tasks)
}

func TestParseSubject_RejectsOthers(t *testing.T) {
	for _, subject := range []string{"", "other.wait.A.1", "fleet.wait.A", "fleet.wait.A.many", "fleet.wait.A.-1", "fleet.wait..1", "fleet.wait.A.1.1"} {
		_, _, ok := ParseSubject("fleet.wait.", subject)
		require.False(t, ok, subject)
	}
}
