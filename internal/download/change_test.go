package download

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// changing sends another video from the second request on.
type changing struct{ first, second *origin }

func (c changing) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(c.first.requests) == 0 {
		return c.first.RoundTrip(req)
	}
	return c.second.RoundTrip(req)
}

func TestTransfer_RestartsWhenTheVideoChanges(t *testing.T) {
	other := film("0123456789ABCDEF", 1<<20)
	tests := []struct {
		name                string
		firstTag, secondTag string
		requests            int // of the second
	}{
		{"by its ETag", `"a"`, `"b"`, 1},
		{"by its bytes", "", "", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, stream := range []bool{false, true} {
					before := &origin{content: video, tag: test.firstTag, ranges: true, breaks: []int{100_000}}
					after := &origin{content: other, tag: test.secondTag, ranges: true}
					s := newSink("", unknown)
					s.stream = stream
					_, err := newTransfer(changing{before, after}).copyTo(t.Context(), s)
					if stream {
						require.ErrorIs(t, err, ErrChanged)
						require.Len(t, after.requests, 1, "a retry would not help")
						continue
					}
					require.NoError(t, err)
					require.True(t, bytes.Equal(other, s.Bytes()))
					require.Equal(t, 1, s.restarts)
					require.Len(t, after.requests, test.requests)
				}
			})
		})
	}
	t.Run("only its ETag", func(t *testing.T) { // as on another node of a CDN
		synctest.Test(t, func(t *testing.T) {
			before := &origin{content: video, tag: `"a"`, ranges: true, breaks: []int{100_000}}
			after := &origin{content: video, tag: `"b"`, ranges: true}
			s := newSink("", unknown)
			s.stream = true
			_, err := newTransfer(changing{before, after}).copyTo(t.Context(), s)
			require.NoError(t, err)
			require.True(t, bytes.Equal(video, s.Bytes()))
		})
	})
}

func TestTransfer_GivesUpOnWrongRanges(t *testing.T) {
	for _, retries := range []int{0, 2} {
		synctest.Test(t, func(t *testing.T) {
			o := &origin{content: video, tag: `"a"`, ranges: true}
			wrong := roundTripFunc(func(req *http.Request) (*http.Response, error) {
				resp, err := o.RoundTrip(req)
				if resp.StatusCode == http.StatusPartialContent {
					resp.Header.Set("Content-Range", "bytes 0-9/10")
				}
				return resp, err
			})
			s := newSink(string(video[:100]), Version{Validator: `"a"`, Size: 1 << 20})
			transfer := newTransfer(wrong)
			transfer.Retry.MaxRetries = retries
			_, err := transfer.copyTo(t.Context(), s)
			require.NoError(t, err)
			require.True(t, bytes.Equal(video, s.Bytes()))
			require.Equal(t, []request{{100, `"a"`}, {}}, o.requests)
		})
	}
}

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// slowSink takes a long time for each write.
type slowSink struct{ *sink }

func (s slowSink) Write(p []byte) (int, error) {
	time.Sleep(time.Hour)
	return s.sink.Write(p)
}

func TestTransfer_ASlowWriterIsNotAnIdleServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := &origin{content: video, tag: `"a"`}, newSink("", unknown)
		s.stream = true
		transfer := newTransfer(o)
		transfer.Retry.MaxRetries = 0
		_, err := transfer.copyTo(t.Context(), slowSink{s})
		require.NoError(t, err)
		require.Len(t, o.requests, 1)
	})
}

// What is held is hashed while a response is read: its bytes must not get in between.
func TestTransfer_LearnsAChecksumWhenItResumes(t *testing.T) {
	long := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(long[copy(long, mp4):])
	o, s := &origin{content: long, header: digestOf(long)}, newSink(string(long[:300_000]), unknown)
	_, err := newTransfer(o).copyTo(t.Context(), s)
	require.NoError(t, err)
	require.True(t, bytes.Equal(long, s.Bytes()))
	require.Zero(t, s.restarts)
}
