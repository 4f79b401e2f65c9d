package download

import (
	"bytes"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// script is a server that sends one response after the other, but a part only if one
// was requested. The last one stays.
type script struct {
	responses []response
	next      int
}

type response struct {
	status int
	header http.Header
	length int64
	body   string
	broken bool
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	for requestOf(req.Header).offset == 0 && s.responses[s.next].status != http.StatusOK {
		s.next++
	}
	r := s.responses[s.next]
	s.next = min(s.next+1, len(s.responses)-1)
	body := io.Reader(strings.NewReader(r.body))
	if r.broken {
		body = io.MultiReader(body, brokenReader{})
	}
	header := http.Header{"Content-Type": {"video/mp4"}}
	for name, values := range r.header {
		header[name] = values
	}
	return &http.Response{StatusCode: r.status, Header: header, ContentLength: r.length, Body: io.NopCloser(body), Request: req}, nil
}

const (
	first  = "aaaaaaaaaa"
	second = "bbbbbbbbbb"
)

func tagged(tag string, more ...string) http.Header {
	header := http.Header{"Etag": {tag}}
	for i := 0; i < len(more); i += 2 {
		header.Set(more[i], more[i+1])
	}
	return header
}

func TestTransfer_OddServers(t *testing.T) {
	known := Version{Validator: `"a"`, Size: 10}
	withChecksum := known
	withChecksum.Checksum = checksumOf(digestOf([]byte(first)), true).String()
	tests := []struct {
		name      string
		held      string
		known     Version
		responses []response
		want      string // of a file
		err       error  // of a file
		stream    error  // of a stream
	}{
		{
			// The second response breaks before it shows that it is of another video:
			// what is held must not be taken for a part of that.
			name: "another video, broken early", want: second, stream: ErrChanged,
			responses: []response{
				{200, tagged(`W/"a"`), 10, first[:5], true},
				{200, tagged(`"b"`), 10, second[:2], true},
				{206, tagged(`"b"`, "Content-Range", "bytes 5-9/10"), 5, second[5:], false},
				{200, tagged(`"b"`), 10, second, false},
			},
		},
		{
			name: "a part of a video of unknown length", want: first,
			responses: []response{
				{200, tagged(`"a"`), -1, first[:4], true},
				{206, tagged(`"a"`, "Content-Range", "bytes 4-6/*"), 3, first[4:7], false},
				{206, tagged(`"a"`, "Content-Range", "bytes 7-9/*"), 3, first[7:], false},
				{416, tagged(`"a"`, "Content-Range", "bytes */10"), 0, "", false},
			},
		},
		{
			name: "more than there is", err: ErrChecksum, stream: ErrChecksum,
			responses: []response{
				{200, tagged(`"a"`), 10, first[:4], true},
				{206, tagged(`"a"`, "Content-Range", "bytes 4-9/10"), -1, first, false},
			},
		},
		{
			name: "a page while a video is held", held: first[:4], known: known,
			responses: []response{{200, http.Header{"Content-Type": {"text/html"}}, 30, "<html>", false}},
			want:      first[:4], err: ErrNotVideo, stream: ErrNotVideo,
		},
		{
			name: "a page without a type", err: ErrNotVideo, stream: ErrNotVideo,
			responses: []response{{200, http.Header{"Content-Type": {""}}, 6, "<html>", false}},
		},
		{
			name: "nothing while a video is held", held: first[:4], known: known,
			responses: []response{{200, tagged(`"a"`), 0, "", false}},
			want:      first[:4], err: ErrIncomplete, stream: ErrIncomplete,
		},
		{
			name: "a checksum of an earlier response", held: first[:4], known: withChecksum,
			responses: []response{{206, tagged(`"a"`, "Content-Range", "bytes 4-9/10"), 6, first[4:9] + "x", false}},
			want:      first[:9] + "x", err: ErrChecksum, stream: ErrChecksum,
		},
		{
			name: "an upload's encoding", want: first,
			responses: []response{{200, http.Header{"Content-Encoding": {"aws-chunked"}}, 10, first, false}},
		},
	}
	for _, test := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					if test.held == "" {
						test.known = unknown
					}
					s := newSink(test.held, test.known)
					s.stream = stream
					_, err := newTransfer(&script{responses: test.responses}).copyTo(t.Context(), s)
					want := test.err
					if stream && test.stream != nil {
						want = test.stream
					}
					if want != nil {
						require.ErrorIs(t, err, want)
					} else {
						require.NoError(t, err)
					}
					if test.want != "" && !(stream && test.stream != nil) {
						require.Equal(t, test.want, s.String())
					}
				})
			})
		}
	}
}

// changing sends another video from the second request on.
type changing struct{ first, second *origin }

func (c changing) RoundTrip(req *http.Request) (*http.Response, error) {
	if len(c.first.requests) == 0 {
		return c.first.RoundTrip(req)
	}
	return c.second.RoundTrip(req)
}

func TestTransfer_RestartsWhenTheVideoChanges(t *testing.T) {
	other := bytes.ToUpper(video)
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
	_, _ = rand.NewChaCha8([32]byte{}).Read(long)
	o, s := &origin{content: long, header: digestOf(long)}, newSink(string(long[:300_000]), unknown)
	_, err := newTransfer(o).copyTo(t.Context(), s)
	require.NoError(t, err)
	require.True(t, bytes.Equal(long, s.Bytes()))
	require.Zero(t, s.restarts)
}
