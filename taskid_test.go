package xiexus_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestTaskIDsArriveIntact(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	for _, id := range []string{
		"task_abc", "任务 1", "a+b", "100%", "%2F", "a?b=c#d", "a&b;c", `"quoted"`, "...", "..a", "~", ":", "@",
		"👨‍👩‍👧", "\xff\xfe", strings.Repeat("x", 512),
	} {
		t.Run(id, func(t *testing.T) {
			relay.Add(id, xiexustest.Completes(0, "https://cdn.example.com/v.mp4"))
			task, err := client.Get(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, xiexus.StatusCompleted, task.Status)
		})
	}
}

func TestInvalidTaskIDsAreNotSent(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	for name, id := range map[string]string{
		"empty": "", "dot": ".", "dots": "..", "slash": "a/b", "only a slash": "/", "newline": "a\nb",
		"nul": "a\x00b", "delete": "a\x7fb", "escape": "\x1b[31m", "C1 control": "a\u0085b", "too long": strings.Repeat("x", 513),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.Get(t.Context(), id)
			require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
			task, err := client.Wait(t.Context(), id)
			require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
			require.Nil(t, task)
		})
	}
	require.Empty(t, relay.Requests())
}
