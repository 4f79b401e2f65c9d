package relay_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// Answers that no relay is known to send, and that must not be misread.

func TestAnEnvelopesOwnStatusIsNotTheTasks(t *testing.T) {
	for name, body := range map[string]string{
		"success": `{"status":"success","message":"","data":{"task_id":"t","status":"IN_PROGRESS"}}`,
		"failed":  `{"status":"failed","data":{"task_id":"t","status":"IN_PROGRESS"}}`,
		"an id":   `{"task_id":"t","data":{"task_id":"t","status":"IN_PROGRESS"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			task := readTask(t, body)
			require.Equal(t, "t", task.TaskID)
			require.Equal(t, gen.VideoTaskStatusInProgress, task.Status)
		})
	}
}

func TestAnErrorsCodeThatNoIntegerHolds(t *testing.T) {
	task := readTask(t, `{"task_id":"t","status":"failed","error":{"code":99999999999999999999}}`)
	require.Zero(t, task.VideoTask.Error.Code)
	require.Equal(t, "99999999999999999999", task.ErrorCode)
}

func TestBlankReasonsHideNoOther(t *testing.T) {
	task := readTask(t, `{"data":{"task_id":"t","status":"FAILURE","error":{"message":" "},"fail_reason":"unsafe"}}`)
	require.Equal(t, "unsafe", task.VideoTask.Error.Message)
}

func TestAByteOrderMarkBeforeAnError(t *testing.T) {
	_, err := read(t, relay.Reader{MaxSize: 1 << 20}, answered(400, "\xef\xbb\xbf"+`{"code":"task_not_exist"}`))
	var told *relay.Error
	require.ErrorAs(t, err, &told)
	require.Equal(t, relay.KindNotFound, told.Kind)
}

func TestGarbageAtTheEndIsNotCut(t *testing.T) {
	for _, body := range []string{`{"task_id":}`, `{"task_id":"t","status":"queued"}x`} {
		_, err := read(t, relay.Reader{MaxSize: 1 << 20}, answered(http.StatusOK, body))
		var told *relay.Error
		require.ErrorAs(t, err, &told)
		require.False(t, told.Cut)
		require.False(t, told.Transient())
	}
}

func TestATransportThatStatesNoLength(t *testing.T) {
	resp := answered(http.StatusOK, `{"task_id":"t","status":"queued"}`)
	resp.ContentLength = 0
	_, err := read(t, relay.Reader{MaxSize: 1 << 20}, resp)
	require.NoError(t, err)
}

func TestATaskWithItsUpstreamsInDataIsItself(t *testing.T) {
	task := readTask(t, `{"task_id":"t","status":"","submit_time":1795330000,"data":{"task_id":"up","status":"completed"}}`)
	require.Equal(t, "t", task.TaskID)
	require.Equal(t, relay.StatusUnknown, task.Status)
}

func TestAReasonMayBeAnAddress(t *testing.T) {
	task := readTask(t, `{"data":{"task_id":"t","status":"FAILURE","fail_reason":"https://help.example.com/policy"}}`)
	require.Equal(t, "https://help.example.com/policy", task.VideoTask.Error.Message)
	require.Empty(t, task.URL)
}
