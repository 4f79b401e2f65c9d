package relay_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestStatusWords(t *testing.T) {
	cases := []struct {
		vocabulary string
		word       string
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
		{"stored", "UNKNOWN", relay.StatusUnknown}, // ask again, never a failure
		{"stored", "", relay.StatusUnknown},        // likewise
		{"realtime", "queued", gen.VideoTaskStatusQueued},
		{"realtime", "processing", gen.VideoTaskStatusInProgress},
		{"realtime", "succeeded", gen.VideoTaskStatusCompleted},
		{"realtime", "failed", gen.VideoTaskStatusFailed},
		{"nobody's", "flabbergasted", relay.StatusUnknown},
		{"nobody's", "in progress", relay.StatusUnknown},
		{"nobody's", "已完成", relay.StatusUnknown},
	}
	// Vocabularies are not bound to shapes: relays stand in front of relays.
	for _, shape := range shapes {
		for _, c := range cases {
			for _, word := range []string{c.word, strings.ToLower(c.word), strings.ToUpper(c.word), " " + c.word + "\n"} {
				t.Run(shape.name+"/"+c.vocabulary+"/"+strconv.Quote(word), func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"status":`+strconv.Quote(word)))
					require.Equal(t, c.want, task.Status)
					require.Equal(t, word, task.RelayStatus, "the relay's own word")
					require.Equal(t, "t1", task.TaskID)
				})
			}
		}
	}
}

// A status that is no word says nothing, and the id alone still makes a task.
func TestStatusThatIsNoWord(t *testing.T) {
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
