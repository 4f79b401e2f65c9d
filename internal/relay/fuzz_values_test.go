package relay_test

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// literals are the texts and numbers in a JSON value, as they are written there.
type literals struct {
	all    map[string]bool
	values map[float64]bool // of the numbers, also of those in texts
}

func literalsOf(raw []byte) literals {
	found := literals{all: map[string]bool{}, values: map[float64]bool{}}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return found
		}
		switch token := token.(type) {
		case string:
			found.add(token)
		case json.Number:
			found.add(token.String())
		}
	}
}

func (l literals) add(literal string) {
	literal = strings.TrimSpace(literal)
	l.all[literal] = true
	if number, err := strconv.ParseFloat(literal, 64); err == nil {
		l.values[number] = true
	}
}

// running are statuses, in small letters, with which no task has ended.
var running = []string{"", "queued", "pending", "submitted", "not_start", "in_progress", "processing", "running", "unknown", "new"}

// namesOnlyAnother reports whether a body has an ID of a task where relays send it, and the
// wanted one nowhere.
func namesOnlyAnother(body []byte, wanted string) bool {
	if literalsOf(body).all[wanted] {
		return false
	}
	var envelope struct {
		Data json.RawMessage `json:"data"`
	}
	_ = json.Unmarshal(body, &envelope)
	return hasTaskID(body) || hasTaskID(envelope.Data)
}

// hasTaskID reports whether an object has a member task_id, once, that is a text.
func hasTaskID(object []byte) bool {
	var members map[string]any
	if json.Unmarshal(object, &members) != nil {
		return false
	}
	named := 0
	for name := range members {
		if strings.EqualFold(name, "task_id") {
			named++
		}
	}
	id, isText := members["task_id"].(string)
	return named == 1 && isText && id != ""
}

// checkOrigin checks that what a task reports is in the response that it was read from: its
// ID, its status, and each number, with the same value.
func checkOrigin(t *testing.T, task relay.Task) {
	t.Helper()
	sent := literalsOf(task.Raw)
	require.True(t, task.TaskID == "" || sent.all[strings.TrimSpace(task.TaskID)], "ID %q in %s", task.TaskID, task.Raw)
	if status := strings.TrimSpace(task.RelayStatus); status != "" {
		require.True(t, sent.all[status], "status %q in %s", status, task.Raw)
	}
	if relay.IsCompleted(task.Status) || relay.IsFailed(task.Status) {
		require.NotContains(t, running, strings.ToLower(strings.TrimSpace(task.RelayStatus)))
	}
	for _, number := range documentedNumbers(t, task.VideoTask) {
		sent.checkNumber(t, number, task.Raw)
	}
	for _, at := range []time.Time{task.SubmittedAt, task.StartedAt, task.FinishedAt, task.UpdatedAt} {
		sent.checkTime(t, at, task.Raw)
	}
}

// documentedNumbers returns the numbers that a task has in the terms of the OpenAPI document,
// except for the code of its error, which may be that of a word.
func documentedNumbers(t *testing.T, task gen.VideoTask) (numbers []string) {
	task.Error = gen.VideoTask{}.Error
	encoded, err := json.Marshal(task)
	require.NoError(t, err)
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return numbers
		}
		if number, ok := token.(json.Number); ok {
			numbers = append(numbers, number.String())
		}
	}
}

// checkNumber accepts zero, which stands for what is missing, and a float for an integer as
// long as it is exact.
func (l literals) checkNumber(t *testing.T, number string, raw []byte) {
	value, err := strconv.ParseFloat(number, 64)
	require.NoError(t, err)
	_, notInteger := strconv.ParseInt(number, 10, 64)
	isExact := notInteger != nil || math.Abs(value) < 1<<53
	require.True(t, value == 0 || l.all[number] || isExact && l.values[value], "number %s in %s", number, raw)
}

func (l literals) checkTime(t *testing.T, at time.Time, raw []byte) {
	if at.IsZero() {
		return
	}
	for value := range l.values {
		if math.Trunc(value) == float64(at.Unix()) || math.Trunc(value) == float64(at.UnixMilli()) {
			return
		}
	}
	require.Fail(t, "a time that was not sent", "%v in %s", at, raw)
}
