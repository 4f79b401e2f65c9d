package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// origin is a server of one video, as Open sees it.
type origin struct {
	content []byte
	tag     string
	ranges  bool
	length  int64 // told in place of the true one; -1 tells none
	piece   int   // bytes of a 206, 0 for all
	header  http.Header
	breaks  []int // after so many bytes, one an answer
	stall   bool  // falls silent instead of breaking
	asked   []Range
}

var errBroken = errors.New("connection reset")

func (o *origin) open(ctx context.Context, part Range) (*http.Response, error) {
	o.asked = append(o.asked, part)
	header := http.Header{"Content-Type": {"video/mp4"}, "Etag": {o.tag}}
	for name, values := range o.header {
		header[name] = values
	}
	resp := &http.Response{StatusCode: http.StatusOK, Header: header}
	content := o.content
	if o.ranges && part.Offset > 0 && part.Validator == o.tag {
		resp.StatusCode = http.StatusPartialContent
		content = content[part.Offset:]
		if o.piece > 0 {
			content = content[:min(o.piece, len(content))]
		}
		last := int(part.Offset) + len(content) - 1
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", part.Offset, last, len(o.content)))
	}
	resp.ContentLength = int64(len(content))
	if o.length != 0 {
		resp.ContentLength = o.length
	}
	body := io.Reader(bytes.NewReader(content))
	if len(o.breaks) > 0 {
		end := io.Reader(brokenReader{})
		if o.stall {
			end = silentReader{ctx}
		}
		body = io.MultiReader(bytes.NewReader(content[:min(o.breaks[0], len(content))]), end)
		o.breaks = o.breaks[1:]
	}
	resp.Body = io.NopCloser(body)
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

type silentReader struct{ ctx context.Context }

func (r silentReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// sink is a target in memory.
type sink struct {
	bytes.Buffer
	stream   bool // it cannot take back
	restarts int
	noted    []Identity
}

func (s *sink) Restart() error {
	if s.stream {
		return errors.ErrUnsupported
	}
	s.restarts++
	s.Reset()
	return nil
}

func (s *sink) Note(video Identity) error {
	s.noted = append(s.noted, video)
	return nil
}

func transfer(o *origin, s *sink) Transfer {
	return Transfer{
		Open: o.open, To: s, MaxRetries: 2, Stall: time.Minute,
		Judge: func(error) retry.Verdict { return retry.Verdict{} },
	}
}

var content = bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB

func repeat(n, times int) []int {
	all := make([]int, times)
	for i := range all {
		all[i] = n
	}
	return all
}

func TestTransfers(t *testing.T) {
	sum := sha256.Sum256(content)
	digest := http.Header{"Repr-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}}
	tests := []struct {
		name   string
		origin origin
		asked  []Range // from which offsets
	}{
		{"in one go", origin{}, []Range{{}}},
		{"no length", origin{length: -1}, []Range{{}}},
		{"broken", origin{tag: `"a"`, ranges: true, breaks: []int{100, 0, 200}}, []Range{{}, {100, `"a"`}, {100, `"a"`}, {300, `"a"`}}},
		{"broken, no ranges", origin{tag: `"a"`, breaks: []int{100, 300, 200}}, []Range{{}, {100, `"a"`}, {300, `"a"`}, {300, `"a"`}}},
		{"broken, no validator", origin{ranges: true, breaks: []int{100}}, []Range{{}, {}}},
		{"a weak validator", origin{tag: `W/"a"`, ranges: true, breaks: []int{100}}, []Range{{}, {}}},
		{"in pieces", origin{tag: `"a"`, ranges: true, breaks: []int{1 << 19}, piece: 1 << 18}, []Range{{}, {1 << 19, `"a"`}, {3 << 18, `"a"`}}},
		{"silent", origin{tag: `"a"`, ranges: true, breaks: []int{100}, stall: true}, []Range{{}, {100, `"a"`}}},
		{"with a checksum", origin{tag: `"a"`, ranges: true, breaks: []int{100}, header: digest}, []Range{{}, {100, `"a"`}}},
	}
	for _, test := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stream %t", test.name, stream), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o, s := test.origin, &sink{stream: stream}
					o.content = content
					n, err := transfer(&o, s).Run(t.Context())
					require.NoError(t, err)
					require.EqualValues(t, len(content), n)
					require.True(t, bytes.Equal(content, s.Bytes()))
					require.Equal(t, test.asked, o.asked)
					require.Zero(t, s.restarts)
				})
			})
		}
	}
}

func TestManyBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ranges := range []bool{true, false} {
			o, s := &origin{content: content, tag: `"a"`, ranges: ranges, breaks: repeat(1000, 200)}, &sink{}
			if !ranges {
				for i := range o.breaks {
					o.breaks[i] = (i * 7919) % len(content) // now farther, now nearer than before
				}
				o.breaks = o.breaks[:40]
			}
			_, err := transfer(o, s).Run(t.Context())
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, s.Bytes()))
		}
	})
}

// changing hands out another video from the second question on.
func changing(first, second *origin) func(context.Context, Range) (*http.Response, error) {
	return func(ctx context.Context, part Range) (*http.Response, error) {
		if len(first.asked) == 0 {
			return first.open(ctx, part)
		}
		return second.open(ctx, part)
	}
}

func TestProgressAndRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := &origin{content: content, tag: `"a"`, ranges: true, breaks: []int{1 << 18}}, &sink{}
		way := transfer(o, s)
		var seen []int64
		way.Progress = func(done, total int64) {
			require.EqualValues(t, len(content), total)
			seen = append(seen, done)
		}
		expired, renewals := errors.New("expired"), 0
		open := way.Open
		way.Open = func(ctx context.Context, part Range) (*http.Response, error) {
			if renewals == 0 {
				return nil, expired
			}
			return open(ctx, part)
		}
		way.Renew = func(_ context.Context, err error) (bool, error) {
			require.ErrorIs(t, err, expired)
			renewals++
			return true, nil
		}
		_, err := way.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, 1, renewals)
		require.EqualValues(t, len(content), seen[len(seen)-1])
		require.IsIncreasing(t, seen)
		require.Equal(t, []Identity{{Validator: `"a"`, Size: 1 << 20}}, s.noted)
	})
}
