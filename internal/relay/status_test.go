package relay_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestReader_Status(t *testing.T) {
	cases := []struct {
		vocabulary string
		value      string
		want       gen.VideoTaskStatus
	}{
		{"document", "queued", gen.VideoTaskStatusQueued},
		{"document", "in_progress", gen.VideoTaskStatusInProgress},
		{"document", "completed", gen.VideoTaskStatusCompleted},
		{"document", "failed", gen.VideoTaskStatusFailed},
		{"stored", "NOT_START", gen.VideoTaskStatusQueued}, // the first ten seconds after a submit
		{"stored", "SUBMITTED", gen.VideoTaskStatusQueued},
		{"stored", "QUEUED", gen.VideoTaskStatusQueued},
		{"stored", "IN_PROGRESS", gen.VideoTaskStatusInProgress},
		{"stored", "SUCCESS", gen.VideoTaskStatusCompleted},
		{"stored", "FAILURE", gen.VideoTaskStatusFailed},
		{"stored", "UNKNOWN", relay.StatusUnknown}, // may change, never a failure
		{"stored", "", relay.StatusUnknown},        // likewise
		{"realtime", "queued", gen.VideoTaskStatusQueued},
		{"realtime", "processing", gen.VideoTaskStatusInProgress},
		{"realtime", "succeeded", gen.VideoTaskStatusCompleted},
		{"realtime", "failed", gen.VideoTaskStatusFailed},
		{"Novita", "TASK_STATUS_PROCESSING", gen.VideoTaskStatusInProgress},
		{"Novita", "TASK_STATUS_SUCCEED", gen.VideoTaskStatusCompleted},
		{"Novita", "TASK_STATUS_FAILED", gen.VideoTaskStatusFailed},
		{"others", "FINISH", gen.VideoTaskStatusCompleted},
		{"unknown", "flabbergasted", relay.StatusUnknown},
		{"unknown", "TASK_STATUS_", relay.StatusUnknown},
		{"unknown", "not a status", relay.StatusUnknown},
		{"unknown", "已完成", relay.StatusUnknown},
	}
	// Any vocabulary may occur in any shape: relays forward the responses of relays.
	for _, shape := range shapes {
		for _, c := range cases {
			for _, value := range []string{c.value, strings.ToLower(c.value), strings.ToUpper(c.value), " " + c.value + "\n"} {
				t.Run(shape.name+"/"+c.vocabulary+"/"+strconv.Quote(value), func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"status":`+strconv.Quote(value)))
					require.Equal(t, c.want, task.Status)
					require.Equal(t, value, task.RelayStatus, "as the relay sent it")
					require.Equal(t, "t1", task.TaskID)
				})
			}
		}
	}
}

// A status that is not a string is ignored, and the id alone makes a task.
func TestReader_StatusOfAnotherType(t *testing.T) {
	cases := []struct{ name, fields string }{
		{"missing", ``},
		{"null", `,"status":null`},
		{"number", `,"status":3`},
		{"boolean", `,"status":true`},
		{"object", `,"status":{"code":"SUCCESS"}`},
		{"array", `,"status":["SUCCESS"]`},
	}
	for _, shape := range shapes {
		for _, c := range cases {
			t.Run(shape.name+"/"+c.name, func(t *testing.T) {
				task := readTask(t, shape.wrap(c.fields))
				require.Equal(t, relay.StatusUnknown, task.Status)
				require.Empty(t, task.RelayStatus)
				require.Equal(t, "t1", task.TaskID)
				require.Nil(t, task.Error)
			})
		}
	}
}
