package relay_test

import (
	"io"
	"net/http"
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

func TestSizeLimit(t *testing.T) {
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
				resp := answered(http.StatusOK, sized(c.size), "X-Request-Id: r1")
				if !known {
					resp.ContentLength = -1
				}
				answer, err := read(t, relay.Reader{MaxSize: int64(c.limit)}, resp)
				if !c.tooLarge {
					require.NoError(t, err)
					require.Len(t, answer.Task.Raw, c.size)
					return
				}
				var told *relay.Error
				require.ErrorAs(t, err, &told)
				require.Equal(t, relay.KindTooLarge, told.Kind)
				require.Equal(t, http.StatusOK, told.StatusCode)
				require.Contains(t, told.Message, "larger than")
				require.Equal(t, "r1", told.RequestID)
				require.EqualError(t, told.Cause, told.Message)
				require.False(t, told.Transient())
				require.False(t, told.Definite())
			})
		}
	}
}

func TestNothingIsReadBeyondTheLimit(t *testing.T) {
	t.Run("nothing at all where the length says so", func(t *testing.T) {
		resp := answered(http.StatusOK, "")
		resp.Body, resp.ContentLength = &tracked{Reader: untouchable{t}}, 1001
		told := readError(t, relay.Reader{MaxSize: 1000}, resp)
		require.Equal(t, relay.KindTooLarge, told.Kind)
		require.Equal(t, "an answer larger than 1000 bytes", told.Message)
	})
	t.Run("one byte where the length is unknown", func(t *testing.T) {
		resp := answered(http.StatusOK, "")
		body := &tracked{Reader: endless{}}
		resp.Body, resp.ContentLength = body, -1
		told := readError(t, relay.Reader{MaxSize: 100_000}, resp)
		require.Equal(t, relay.KindTooLarge, told.Kind)
		require.LessOrEqual(t, body.read, 100_001)
	})
	t.Run("an error's body, by the limit", func(t *testing.T) {
		resp := answered(http.StatusBadGateway, "")
		body := &tracked{Reader: endless{}}
		resp.Body, resp.ContentLength = body, -1
		told := readError(t, relay.Reader{MaxSize: 1000}, resp)
		require.Equal(t, relay.KindUnavailable, told.Kind)
		require.LessOrEqual(t, body.read, 1000)
	})
	t.Run("an error's body, by its own limit", func(t *testing.T) {
		resp := answered(http.StatusBadGateway, "")
		body := &tracked{Reader: endless{}}
		resp.Body, resp.ContentLength = body, -1
		told := readError(t, relay.Reader{MaxSize: 16 << 20}, resp)
		require.Equal(t, relay.KindUnavailable, told.Kind)
		require.LessOrEqual(t, body.read, 64<<10)
	})
}

// frugal is a body that fails the test when much memory waits for it.
type frugal struct {
	io.Reader
	t *testing.T
}

func (b frugal) Read(p []byte) (int, error) {
	require.LessOrEqual(b.t, len(p), 64<<10)
	return b.Reader.Read(p)
}

func TestClaimedLengthTakesNoMemory(t *testing.T) {
	resp := answered(http.StatusOK, "")
	resp.Body, resp.ContentLength = &tracked{Reader: frugal{strings.NewReader(`{"task_id":"t1","status":"queued"}`), t}}, 1<<40
	answer, err := read(t, relay.Reader{MaxSize: 1 << 41}, resp)
	require.NoError(t, err)
	require.Equal(t, "t1", answer.Task.TaskID)
}
