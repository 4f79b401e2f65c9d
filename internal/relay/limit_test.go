package relay_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

// untouchable is a body that fails the test when it is read.
type untouchable struct{ t *testing.T }

func (b untouchable) Read([]byte) (int, error) {
	b.t.Error("the body was read")
	return 0, http.ErrBodyReadAfterClose
}

func TestReader_MaxSize(t *testing.T) {
	const head, tail = `{"task_id":"t1","status":"completed","data":"`, `"}`
	sized := func(size int) string {
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	cases := []struct {
		name        string
		size, limit int
		tooLarge    bool
	}{
		{"below", 999, 1000, false},
		{"exact", 1000, 1000, false},
		{"one more", 1001, 1000, true},
		{"large, exact", 200 << 10, 200 << 10, false},
		{"large, one more", 200<<10 + 1, 200 << 10, true},
	}
	for _, c := range cases {
		for name, known := range map[string]bool{"known length": true, "unknown length": false} {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				resp := newResponse(http.StatusOK, sized(c.size), "X-Request-Id: r1")
				if !known {
					resp.ContentLength = -1
				}
				response, got := read(t, relay.Reader{MaxSize: int64(c.limit)}, resp)
				if !c.tooLarge {
					require.Nil(t, got)
					require.Len(t, response.Task.Raw, c.size)
					return
				}
				require.NotNil(t, got)
				require.True(t, got.TooLarge)
				require.Equal(t, http.StatusOK, got.StatusCode)
				require.Contains(t, got.Message, "larger than")
				require.Equal(t, "r1", got.RequestID)
				require.EqualError(t, got.Cause, got.Message)
			})
		}
	}
}

func TestReader_ReadsNothingOfAKnownLengthBeyondTheLimit(t *testing.T) {
	resp := newResponse(http.StatusOK, "")
	resp.Body, resp.ContentLength = &tracked{Reader: untouchable{t}}, 1001
	got := readError(t, relay.Reader{MaxSize: 1000}, resp)
	require.True(t, got.TooLarge)
	require.Equal(t, "response larger than 1000 bytes", got.Message)
}

func TestReader_ReadsUnknownLengthsUpToTheLimit(t *testing.T) {
	tests := []struct {
		name   string
		status int
		limit  int64
		large  bool
		most   int // bytes that are read
	}{
		{"one byte more than the limit", http.StatusOK, 100_000, true, 100_001},
		{"an error's body, by the limit", http.StatusBadGateway, 1000, false, 1000},
		{"an error's body, by its own limit", http.StatusBadGateway, 16 << 20, false, 64 << 10},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := newResponse(test.status, "")
			body := &tracked{Reader: endless{}}
			resp.Body, resp.ContentLength = body, -1
			got := readError(t, relay.Reader{MaxSize: test.limit}, resp)
			require.Equal(t, test.large, got.TooLarge)
			require.LessOrEqual(t, body.read, test.most)
		})
	}
}

// frugal is a body that fails the test when it is read into a large buffer.
type frugal struct {
	io.Reader
	t *testing.T
}

func (b frugal) Read(p []byte) (int, error) {
	require.LessOrEqual(b.t, len(p), 64<<10)
	return b.Reader.Read(p)
}

func TestReader_ClaimedLengthTakesNoMemory(t *testing.T) {
	resp := newResponse(http.StatusOK, "")
	resp.Body, resp.ContentLength = &tracked{Reader: frugal{strings.NewReader(`{"task_id":"t1","status":"queued"}`), t}}, 1<<40
	got := readError(t, relay.Reader{MaxSize: 1 << 41}, resp)
	require.True(t, got.Cut)
}

// Decoded, a small value takes many times its size in JSON.
func TestReader_ManyValuesTakeLittleMemory(t *testing.T) {
	const times = 1 << 19
	members := func() string {
		var b strings.Builder
		for i := range times / 4 {
			fmt.Fprintf(&b, `"%x":0,`, i)
		}
		return b.String() + `"z":0`
	}()
	bodies := map[string]string{
		"a list of numbers":           `[0` + strings.Repeat(",0", times) + `]`,
		"a list of objects":           `[{}` + strings.Repeat(",{}", times) + `]`,
		"a list beside a task":        `{"task_id":"t1","status":"completed","data":[0` + strings.Repeat(",0", times) + `]}`,
		"members of a task":           `{"task_id":"t1","status":"completed",` + members + `}`,
		"members of an error":         `{"error":{` + members + `}}`,
		"members of the metadata":     `{"task_id":"t1","status":"queued","metadata":{"fps":"x",` + members + `}}`,
		"a batch of numbers":          `{"code":"success","data":[0` + strings.Repeat(",0", times) + `]}`,
		"a batch of tasks":            `{"code":"success","data":[{"task_id":"t1"}` + strings.Repeat(`,{"task_id":"t2"}`, times) + `]}`,
		"a batch of only other tasks": `{"code":"success","data":[{"task_id":1}` + strings.Repeat(`,{"task_id":2}`, times) + `]}`,
	}
	reader := relay.Reader{MaxSize: 16 << 20}
	for name, body := range bodies {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			if strings.HasPrefix(name, "a batch") {
				_, _ = reader.ReadBatch(newResponse(http.StatusOK, body))
			} else {
				_, _ = reader.ReadTask(newResponse(http.StatusOK, body), "t1")
				_, _ = reader.ReadCreated(newResponse(http.StatusOK, body))
			}
			runtime.ReadMemStats(&after)
			require.Less(t, after.Mallocs-before.Mallocs, uint64(times), "fewer than one for each value")
		})
	}
}
