package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestGet_PrintsTasksInOrder(t *testing.T) {
	relay := startRelay(t)
	var ids []string
	for i := range 40 {
		id := fmt.Sprintf("task_%02d", i)
		ids = append(ids, id)
		relay.Add(id, xiexustest.Completes(0, video, xiexustest.AllDialects()[i%4]))
	}
	relay.Add("task_bad", xiexustest.Fails(0, "unsafe \x1b[31mprompt", xiexustest.Stored))

	got := runCommand(t.Context(), strings.Join(ids[1:], "\n"), "get", ids[0], "-", "task_bad", "-o", "json")
	require.Equal(t, 0, got.code, got.err)
	require.Empty(t, got.err)
	require.Contains(t, got.out, video, "not escaped for HTML")
	tasks := got.lines(t)
	require.Len(t, tasks, len(ids)+1)
	for i, id := range ids {
		require.Equal(t, id, tasks[i]["task_id"])
		require.Equal(t, "completed", tasks[i]["status"])
		require.Contains(t, tasks[i], "error")
		require.Nil(t, tasks[i]["error"])
	}
	bad := tasks[len(ids)]
	require.Equal(t, "failed", bad["status"])
	require.Equal(t, "FAILURE", bad["relay_status"])
	require.EqualValues(t, 100, bad["progress"])
	require.Equal(t, map[string]any{"message": "unsafe \x1b[31mprompt"}, bad["error"])
	_, err := time.Parse(time.RFC3339, bad["submitted_at"].(string))
	require.NoError(t, err)

	table := runCommand(t.Context(), "", "get", "task_00", "task_bad", "-o", "table")
	require.Equal(t, "ID        STATUS       PROGRESS   TIME  RESULT\n"+
		"task_00   completed        100%         "+video+"\n"+
		"task_bad  failed           100%         unsafe [31mprompt\n", table.out)
}

func TestLog_VerboseDoesNotShowKey(t *testing.T) {
	relay := startRelay(t)
	relay.Add("done", xiexustest.Completes(0, video))
	got := runCommand(t.Context(), "", "get", "done", "-v")
	require.Contains(t, got.err, "level=DEBUG")
	require.NotContains(t, got.err, testKey[3:])

	got = runCommand(t.Context(), "", "wait", "done", "-q")
	require.Empty(t, got.err)
}
