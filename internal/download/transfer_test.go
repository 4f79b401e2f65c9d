package download

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTransfer_RequestsWhatIsMissing(t *testing.T) {
	tests := []struct {
		name     string
		origin   origin
		requests []request
	}{
		{"one response", origin{}, []request{{}}},
		{"no length", origin{length: -1}, []request{{}}},
		{"broken", origin{tag: `"a"`, ranges: true, breaks: []int{100, 0, 200}}, []request{{}, {100, `"a"`}, {100, `"a"`}, {300, `"a"`}}},
		{
			"broken again and again", origin{tag: `"a"`, ranges: true, breaks: []int{100, 0, 0, 100, 0, 0, 100}},
			[]request{{}, {100, `"a"`}, {100, `"a"`}, {100, `"a"`}, {200, `"a"`}, {200, `"a"`}, {200, `"a"`}, {300, `"a"`}},
		},
		{"broken, no ranges", origin{tag: `"a"`, breaks: []int{100, 300, 200}}, []request{{}, {100, `"a"`}, {300, `"a"`}, {300, `"a"`}}},
		{"broken, no validator", origin{ranges: true, breaks: []int{100}}, []request{{}, {}}},
		{"a weak validator", origin{tag: `W/"a"`, ranges: true, breaks: []int{100}}, []request{{}, {}}},
		{"in pieces", origin{tag: `"a"`, ranges: true, breaks: []int{1 << 19}, piece: 1 << 18}, []request{{}, {1 << 19, `"a"`}, {3 << 18, `"a"`}}},
		{"idle", origin{tag: `"a"`, ranges: true, breaks: []int{100}, idle: true}, []request{{}, {100, `"a"`}}},
		{"with a checksum", origin{tag: `"a"`, ranges: true, breaks: []int{100}, header: digestOf(video)}, []request{{}, {100, `"a"`}}},
	}
	for _, test := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, stream %t", test.name, stream), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					o, s := test.origin, newSink("", unknown)
					o.content, s.stream = video, stream
					result, err := newTransfer(&o).copyTo(t.Context(), s)
					require.NoError(t, err)
					want := Result{Received: 1 << 20, Size: 1 << 20}
					if o.length < 0 {
						want.Size = -1
					}
					require.Equal(t, want, result)
					require.True(t, bytes.Equal(video, s.Bytes()))
					require.Equal(t, test.requests, o.requests)
					require.Zero(t, s.restarts)
				})
			})
		}
	}
}

// A server that sends the video in ranges of a byte does not get a request for each at once.
func TestTransfer_TinyRanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := origin{content: video[:400], tag: `"a"`, ranges: true, breaks: []int{100}, piece: 1}
		began := time.Now()
		_, err := newTransfer(&o).copyTo(t.Context(), newSink("", unknown))
		require.NoError(t, err)
		require.Len(t, o.requests, 301)
		require.GreaterOrEqual(t, time.Since(began), 15*time.Second, "at most 20 requests a second")
	})
}

func TestTransfer_ManyBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, ranges := range []bool{true, false} {
			o, s := &origin{content: video, tag: `"a"`, ranges: ranges, breaks: repeat(1000, 200)}, newSink("", unknown)
			if !ranges {
				for i := range o.breaks {
					o.breaks[i] = (i * 7919) % len(video) // sometimes later, sometimes sooner than before
				}
				o.breaks = o.breaks[:6] // each costs what was received before
			}
			_, err := newTransfer(o).copyTo(t.Context(), s)
			require.NoError(t, err)
			require.True(t, bytes.Equal(video, s.Bytes()))
		}
	})
}

func TestTransfer_Resumes(t *testing.T) {
	known := Version{Validator: `"a"`, Size: 1 << 20}
	tests := []struct {
		name     string
		held     string
		known    Version
		origin   origin
		requests []request
	}{
		{"with ranges", string(video[:500]), known, origin{tag: `"a"`, ranges: true}, []request{{500, `"a"`}}},
		{"without ranges", string(video[:500]), known, origin{tag: `"a"`}, []request{{500, `"a"`}}},
		{"nothing known", string(video[:500]), unknown, origin{tag: `"a"`, ranges: true}, []request{{}}},
		{"of another video", string(film("x", 500)), unknown, origin{}, []request{{}, {}}},
		{"not of a video", strings.Repeat("x", 500), unknown, origin{}, []request{{}}},
		{"longer than the video", string(film("x", 2<<20)), unknown, origin{}, []request{{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, s := test.origin, newSink(test.held, test.known)
				o.content, o.header = video, digestOf(video)
				result, err := newTransfer(&o).copyTo(t.Context(), s)
				require.NoError(t, err)
				require.Equal(t, Result{Received: 1 << 20, Size: 1 << 20}, result)
				require.True(t, bytes.Equal(video, s.Bytes()))
				require.Equal(t, test.requests, o.requests)
			})
		})
	}
	t.Run("complete", func(t *testing.T) {
		s := newSink(string(video), Version{Validator: `"a"`, Size: -1})
		transfer := newTransfer(nil)
		transfer.Open = func(context.Context, int64, string) (*http.Response, error) {
			header := http.Header{"Etag": {`"a"`}, "Content-Range": {"bytes */" + strconv.Itoa(len(video))}}
			return &http.Response{StatusCode: http.StatusRequestedRangeNotSatisfiable, Header: header, Body: http.NoBody}, nil
		}
		result, err := transfer.copyTo(t.Context(), s)
		require.NoError(t, err)
		require.EqualValues(t, len(video), result.Received)
	})
}

func TestTransfer_Ends(t *testing.T) {
	tests := []struct {
		name     string
		origin   origin
		max      int64
		want     error
		requests int
		received int64
	}{
		{"always broken at once", origin{breaks: repeat(0, 9)}, 0, ErrIncomplete, 3, 0},
		{"always broken at one offset", origin{breaks: repeat(100, 9)}, 0, ErrIncomplete, 4, 100},
		{"always broken sooner", origin{breaks: append([]int{100}, repeat(50, 50)...)}, 0, ErrIncomplete, 32, 100},
		{"shorter than its length", origin{tag: `"a"`, ranges: true, length: 2 << 20}, 0, ErrIncomplete, 5, 1 << 20},
		{"too large by its length", origin{}, 100, ErrTooLarge, 1, 0},
		{"larger than 4 GiB by its length", origin{length: 1<<32 + 1}, 1 << 32, ErrTooLarge, 1, 0},
		{"4 GiB by its length", origin{length: 1 << 32}, 1 << 32, ErrIncomplete, 4, 1 << 20},
		{"too large without a length", origin{length: -1}, 100, ErrTooLarge, 1, 0},
		{"a page", origin{content: []byte("<html>")}, 0, ErrNotVideo, 1, 0},
		{"a wrong checksum", origin{header: http.Header{"Content-Md5": {"JfnnlDI7RTiF9RgfG2JNCw=="}}}, 0, ErrChecksum, 1, 1 << 20},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o, s := test.origin, newSink("", unknown)
				if o.content == nil {
					o.content = video
				}
				transfer := newTransfer(&o)
				transfer.MaxSize = test.max
				result, err := transfer.copyTo(t.Context(), s)
				require.ErrorIs(t, err, test.want)
				require.Len(t, o.requests, test.requests)
				require.Equal(t, test.received, result.Received)
				require.EqualValues(t, result.Received, s.Len())
			})
		})
	}
}

func TestTransfer_EndsWithoutContentOrRetries(t *testing.T) {
	t.Run("empty", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			o := &origin{}
			_, err := newTransfer(o).copyTo(t.Context(), newSink("", unknown))
			require.ErrorIs(t, err, ErrIncomplete)
			require.Len(t, o.requests, 3)
		})
	})
	t.Run("no retries", func(t *testing.T) {
		o := &origin{content: video, ranges: true, tag: `"a"`, breaks: []int{100}}
		transfer := newTransfer(o)
		transfer.Retry.MaxRetries = 0
		_, err := transfer.copyTo(t.Context(), newSink("", unknown))
		require.ErrorIs(t, err, ErrIncomplete)
		require.ErrorIs(t, err, errBroken)
		require.Len(t, o.requests, 1)
	})
}

func TestTransfer_EndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		o := &origin{content: video, breaks: []int{100}, idle: true}
		cause := errors.New("the user has had enough")
		time.AfterFunc(10*time.Second, func() { cancel(cause) })
		start := time.Now()
		result, err := newTransfer(o).copyTo(ctx, newSink("", unknown))
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, cause)
		require.Equal(t, 10*time.Second, time.Since(start))
		require.EqualValues(t, 100, result.Received)
	})
}

func TestTransfer_ReportsProgress(t *testing.T) {
	o, s := &origin{content: video, tag: `"a"`}, newSink("", unknown)
	transfer := newTransfer(o)
	var reported []int64
	transfer.Progress = func(done, total int64) {
		require.EqualValues(t, len(video), total)
		reported = append(reported, done)
	}
	_, err := transfer.copyTo(t.Context(), s)
	require.NoError(t, err)
	require.EqualValues(t, len(video), reported[len(reported)-1])
	require.IsIncreasing(t, reported)
	require.Equal(t, []Version{{Validator: `"a"`, Size: 1 << 20}}, s.notes)
}

func TestToFile_ResumesAfterAPanic(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	transfer := newTransfer(&origin{content: video, tag: `"a"`})
	transfer.Progress = func(int64, int64) { panic("of the caller") }
	require.PanicsWithValue(t, "of the caller", func() { _, _ = transfer.ToFile(t.Context(), File{Path: path, ID: "task"}) })
	transfer.Progress = nil
	_, err := transfer.ToFile(t.Context(), File{Path: path, ID: "task"})
	require.NoError(t, err)
	saved, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, video, saved)
}
