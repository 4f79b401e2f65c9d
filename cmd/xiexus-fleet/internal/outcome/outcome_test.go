package outcome_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

func TestResult_SubjectsAreValidAndDiffer(t *testing.T) {
	valid := regexp.MustCompile(`^fleet\.result\.(task|request)\.[A-Za-z0-9_-]+$`)
	seen := map[string]bool{}
	for _, id := range []string{"a", "A", "a.b", "a*", ">", " ", "任务", "../x", strings.Repeat("x", 512)} {
		for _, r := range []outcome.Result{{TaskID: id}, {Request: id}} {
			subject := r.Subject("fleet.result.")
			require.Regexp(t, valid, subject)
			require.False(t, seen[subject], id)
			seen[subject] = true
		}
	}
}

func TestResult_EncodeOmitsWhatIsTooLarge(t *testing.T) {
	task := &xiexus.Task{}
	task.TaskID, task.Status = "task_1", xiexus.StatusCompleted
	task.URL = "data:video/mp4;base64," + strings.Repeat("A", 5000)
	data, err := outcome.Result{TaskID: "task_1", Task: task}.Encode(2000)
	require.NoError(t, err)
	require.LessOrEqual(t, len(data), 2000)
	r, err := outcome.Decode(data)
	require.NoError(t, err)
	require.Equal(t, xiexus.StatusCompleted, r.Task.Status)
	require.Empty(t, r.Task.URL)
	require.Equal(t, []string{"url", "urls", "metadata"}, r.Omitted)
	require.NotEmpty(t, task.URL, "the task itself is not changed")

	task.RelayStatus = strings.Repeat("x", 5000)
	data, err = outcome.Result{TaskID: "task_1", Task: task}.Encode(2000)
	require.NoError(t, err)
	r, err = outcome.Decode(data)
	require.NoError(t, err)
	require.Nil(t, r.Task)
	require.Equal(t, []string{"task"}, r.Omitted)

	_, err = outcome.Result{TaskID: strings.Repeat("x", 3000)}.Encode(2000)
	require.ErrorContains(t, err, "at most 2000 can be stored")
}

func TestNewError_NamesTheKind(t *testing.T) {
	tests := []struct {
		err  error
		kind string
	}{
		{&xiexus.TaskFailedError{Message: "blocked"}, outcome.KindFailed},
		{&xiexus.CreateUncertainError{}, outcome.KindUncertain},
		{xiexus.ErrTaskNotFound, outcome.KindNotFound},
		{xiexus.ErrInvalidTaskID, outcome.KindInvalidID},
		{xiexus.ErrWaitTimeout, outcome.KindTimedOut},
		{xiexus.ErrForbidden, outcome.KindForbidden},
		{xiexus.ErrQuotaExceeded, outcome.KindQuota},
		{errors.New("disk"), outcome.KindOther},
	}
	for _, tt := range tests {
		t.Run(tt.kind, func(t *testing.T) {
			require.Equal(t, tt.kind, outcome.NewError(fmt.Errorf("wrapped: %w", tt.err)).Kind)
		})
	}
	require.Nil(t, outcome.NewError(nil))
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"task_id":"a","task":{"status":"completed"},"error":null}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := outcome.Decode(data)
		if err == nil {
			require.True(t, strings.HasPrefix(r.Subject("x."), "x."))
		}
	})
}
