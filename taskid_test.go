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
		{"empty", "", `invalid task ID "": must not be empty`},
		{"dot", ".", `invalid task ID ".": must not be a relative path segment`},
		{"two dots", "..", `invalid task ID "..": must not be a relative path segment`},
		{"slash", "a/b", `invalid task ID "a/b": must not contain a slash`},
		{"only a slash", "/", `invalid task ID "/": must not contain a slash`},
		{"newline", "a\nb", `invalid task ID "a\nb": must not contain a control character`},
		{"NUL", "a\x00b", `invalid task ID "a\x00b": must not contain a control character`},
		{"delete", "a\x7fb", `invalid task ID "a\x7fb": must not contain a control character`},
		{"escape", "\x1b[31m", `invalid task ID "\x1b[31m": must not contain a control character`},
		{"C1 control", "a\u0085b", `invalid task ID "a\u0085b": must not contain a control character`},
		{"too long", strings.Repeat("x", 513), `invalid task ID "` + strings.Repeat("x", 40) + `…": must not be longer than 512 bytes`},
		{"API key", testKey, `invalid task ID "[redacted]": must not contain the API key`},
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
