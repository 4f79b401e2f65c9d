package xiexus_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestGet_TaskIDsArriveIntact(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	for _, id := range []string{
		"task_abc", "任务 1", "a+b", "100%", "%2F", "a?b=c#d", "a&b;c", `"quoted"`, "...", "..a", "~", ":", "@",
		"👨‍👩‍👧", "\xff\xfe", strings.Repeat("x", 512),
	} {
		t.Run(id, func(t *testing.T) {
			relay.Add(id, xiexustest.Completes(0, video))
			task, err := client.Get(t.Context(), id)
			require.NoError(t, err)
			require.Equal(t, xiexus.StatusCompleted, task.Status)
			require.Equal(t, id, task.TaskID)
		})
	}
}

func TestGet_InvalidTaskIDs(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	tests := []struct{ name, id, want string }{
		{"empty", "", `invalid task id "": it is empty`},
		{"dot", ".", `invalid task id ".": it is a relative path`},
		{"two dots", "..", `invalid task id "..": it is a relative path`},
		{"slash", "a/b", `invalid task id "a/b": it contains a slash`},
		{"only a slash", "/", `invalid task id "/": it contains a slash`},
		{"newline", "a\nb", `invalid task id "a\nb": it contains a control character`},
		{"NUL", "a\x00b", `invalid task id "a\x00b": it contains a control character`},
		{"delete", "a\x7fb", `invalid task id "a\x7fb": it contains a control character`},
		{"escape", "\x1b[31m", `invalid task id "\x1b[31m": it contains a control character`},
		{"C1 control", "a\u0085b", `invalid task id "a\u0085b": it contains a control character`},
		{"too long", strings.Repeat("x", 513), `invalid task id "` + strings.Repeat("x", 40) + `…": it is longer than 512 bytes`},
		{"API key", testKey, `invalid task id "[redacted]": it contains the API key`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := client.Get(t.Context(), test.id)
			require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
			require.EqualError(t, err, test.want)
			task, err := client.Wait(t.Context(), test.id)
			require.EqualError(t, err, test.want)
			require.ErrorIs(t, err, xiexus.ErrInvalidTaskID)
			require.Nil(t, task)
		})
	}
	require.Empty(t, relay.Requests())
}
