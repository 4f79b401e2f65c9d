package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestEnds(t *testing.T) {
	tests := []struct {
		name   string
		origin origin
		max    int64
		want   error
		asked  int
		held   int64
	}{
		{"always broken at once", origin{breaks: repeat(0, 9)}, 0, ErrIncomplete, 3, 0},
		{"always broken at one place", origin{breaks: repeat(100, 9)}, 0, ErrIncomplete, 4, 100},
		{"shorter than it says", origin{tag: `"a"`, ranges: true, length: 2 << 20}, 0, ErrIncomplete, 5, 1 << 20},
		{"too large by its length", origin{}, 100, ErrTooLarge, 1, 0},
		{"too large without a length", origin{length: -1}, 100, ErrTooLarge, 1, 0},
		{"a page", origin{header: http.Header{"Content-Type": {"text/html"}}}, 0, ErrNoVideo, 1, 0},
		{"encoded", origin{header: http.Header{"Content-Encoding": {"gzip"}}}, 0, ErrNoVideo, 1, 0},
		{"a wrong checksum", origin{header: http.Header{"Content-Md5": {"JfnnlDI7RTiF9RgfG2JNCw=="}}}, 0, ErrChecksum, 1, 1 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, s := test.origin, &sink{}
				o.content = content
				way := transfer(&o, s)
				way.MaxSize = test.max
				n, err := way.Run(t.Context())
				require.ErrorIs(t, err, test.want)
				require.Len(t, o.asked, test.asked)
				require.Equal(t, test.held, n)
				require.EqualValues(t, n, s.Len())
			})
		})
	}
	t.Run("empty", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := &origin{}
			_, err := transfer(o, &sink{}).Run(t.Context())
			require.ErrorIs(t, err, ErrIncomplete)
			require.Len(t, o.asked, 3)
		})
	})
	t.Run("no retries", func(t *testing.T) {
		o := &origin{content: content, ranges: true, tag: `"a"`, breaks: []int{100}}
		way := transfer(o, &sink{})
		way.MaxRetries = 0
		_, err := way.Run(t.Context())
		require.ErrorIs(t, err, ErrIncomplete)
		require.ErrorIs(t, err, errBroken)
		require.Len(t, o.asked, 1)
	})
}

func TestAVideoThatChanges(t *testing.T) {
	other := bytes.ToUpper(content)
	tests := []struct {
		name        string
		firstTag    string
		secondTag   string
		wantAsked   int // of the second
		streamFails bool
	}{
		{"as the ETag says", `"a"`, `"b"`, 1, true},
		{"as its bytes say", "", "", 2, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, stream := range []bool{false, true} {
					first := &origin{content: content, tag: test.firstTag, ranges: true, breaks: []int{100_000}}
					second := &origin{content: other, tag: test.secondTag, ranges: true}
					s := &sink{stream: stream}
					way := transfer(first, s)
					way.Open = changing(first, second)
					_, err := way.Run(t.Context())
					if stream {
						require.ErrorIs(t, err, ErrChanged)
						continue
					}
					require.NoError(t, err)
					require.True(t, bytes.Equal(other, s.Bytes()))
					require.Equal(t, 1, s.restarts)
					require.Len(t, second.asked, test.wantAsked)
				}
			})
		})
	}
	t.Run("only its ETag", func(t *testing.T) { // another node of the CDN
		synctest.Test(t, func(t *testing.T) {
			first := &origin{content: content, tag: `"a"`, ranges: true, breaks: []int{100_000}}
			second := &origin{content: content, tag: `"b"`, ranges: true}
			s := &sink{stream: true}
			way := transfer(first, s)
			way.Open = changing(first, second)
			_, err := way.Run(t.Context())
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, s.Bytes()))
		})
	})
}

func TestARangeThatDoesNotFitIsNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &origin{content: content, tag: `"a"`, ranges: true, breaks: []int{100}, header: http.Header{}}
		s := &sink{}
		way := transfer(o, s)
		way.Open = func(ctx context.Context, part Range) (*http.Response, error) {
			resp, err := o.open(ctx, part)
			if resp.StatusCode == http.StatusPartialContent {
				resp.Header.Set("Content-Range", "bytes 0-9/10")
			}
			return resp, err
		}
		_, err := way.Run(t.Context())
		require.NoError(t, err)
		require.True(t, bytes.Equal(content, s.Bytes()))
		require.Equal(t, []Range{{}, {100, `"a"`}, {}}, o.asked)
	})
}

func TestGoingOnWithAnEarlierTransfer(t *testing.T) {
	tests := []struct {
		name   string
		held   string
		known  Identity
		origin origin
		asked  []Range
	}{
		{"with ranges", string(content[:500]), Identity{Validator: `"a"`, Size: 1 << 20}, origin{tag: `"a"`, ranges: true}, []Range{{500, `"a"`}}},
		{"without", string(content[:500]), Identity{Validator: `"a"`, Size: 1 << 20}, origin{tag: `"a"`}, []Range{{500, `"a"`}}},
		{"nothing known", string(content[:500]), Identity{Size: -1}, origin{tag: `"a"`, ranges: true}, []Range{{}}},
		{"of another video", strings.Repeat("x", 500), Identity{Size: -1}, origin{}, []Range{{}, {}}},
		{"longer than the video", strings.Repeat("x", 2<<20), Identity{Size: -1}, origin{}, []Range{{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sum := sha256.Sum256(content)
				o, s := test.origin, &sink{}
				o.content = content
				o.header = http.Header{"Repr-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}}
				s.WriteString(test.held)
				way := transfer(&o, s)
				way.Held, way.Known = strings.NewReader(test.held), test.known
				n, err := way.Run(t.Context())
				require.NoError(t, err)
				require.EqualValues(t, len(content), n)
				require.True(t, bytes.Equal(content, s.Bytes()))
				require.Equal(t, test.asked, o.asked)
			})
		})
	}
	t.Run("all of it", func(t *testing.T) {
		s := &sink{}
		s.Write(content)
		way := transfer(nil, s)
		way.Held, way.Known = bytes.NewReader(content), Identity{Validator: `"a"`, Size: -1}
		way.Open = func(context.Context, Range) (*http.Response, error) {
			header := http.Header{"Etag": {`"a"`}, "Content-Range": {"bytes */" + strconv.Itoa(len(content))}}
			return &http.Response{StatusCode: http.StatusRequestedRangeNotSatisfiable, Header: header, Body: http.NoBody}, nil
		}
		n, err := way.Run(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, len(content), n)
	})
}

func TestCancel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		o := &origin{content: content, breaks: []int{100}, stall: true}
		why := errors.New("the user has had enough")
		time.AfterFunc(10*time.Second, func() { cancel(why) })
		start := time.Now()
		n, err := transfer(o, &sink{}).Run(ctx)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, why)
		require.Equal(t, 10*time.Second, time.Since(start))
		require.EqualValues(t, 100, n)
	})
}
