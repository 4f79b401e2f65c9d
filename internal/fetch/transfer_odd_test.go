package fetch

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// reply is one answer of a server that is told each.
type reply struct {
	status int
	header http.Header
	length int64
	body   string
	cut    bool
}

func (r reply) response() *http.Response {
	body := io.Reader(strings.NewReader(r.body))
	if r.cut {
		body = io.MultiReader(body, brokenReader{})
	}
	header := http.Header{"Content-Type": {"video/mp4"}}
	for name, values := range r.header {
		header[name] = values
	}
	return &http.Response{StatusCode: r.status, Header: header, ContentLength: r.length, Body: io.NopCloser(body)}
}

// told answers with one reply after the other, but with a part only if one was asked for.
func told(asked *[]Range, replies ...reply) func(context.Context, Range) (*http.Response, error) {
	next := 0
	return func(_ context.Context, part Range) (*http.Response, error) {
		*asked = append(*asked, part)
		for part.Offset == 0 && replies[next].status != http.StatusOK {
			next++
		}
		reply := replies[next]
		next = min(next+1, len(replies)-1) // the last one stays
		return reply.response(), nil
	}
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

func TestOddServers(t *testing.T) {
	sum := sha256.Sum256([]byte(first))
	digest := "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
	tests := []struct {
		name    string
		held    string
		known   Identity
		replies []reply
		want    string // of a file
		err     error  // of a file
		stream  error  // of a stream
	}{
		{
			// The second answer is cut before it shows that it is of another video:
			// what is held must not be taken for a part of that.
			name: "another video, cut early", want: second, stream: ErrChanged,
			replies: []reply{
				{200, tagged(`W/"a"`), 10, first[:5], true},
				{200, tagged(`"b"`), 10, second[:2], true},
				{206, tagged(`"b"`, "Content-Range", "bytes 5-9/10"), 5, second[5:], false},
				{200, tagged(`"b"`), 10, second, false},
			},
		},
		{
			name: "a part of a video of unknown length", want: first,
			replies: []reply{
				{200, tagged(`"a"`), -1, first[:4], true},
				{206, tagged(`"a"`, "Content-Range", "bytes 4-6/*"), 3, first[4:7], false},
				{206, tagged(`"a"`, "Content-Range", "bytes 7-9/*"), 3, first[7:], false},
				{416, tagged(`"a"`, "Content-Range", "bytes */10"), 0, "", false},
			},
		},
		{
			name: "more than there is", err: ErrChecksum, stream: ErrChecksum,
			replies: []reply{
				{200, tagged(`"a"`), 10, first[:4], true},
				{206, tagged(`"a"`, "Content-Range", "bytes 4-9/10"), -1, first, false},
			},
		},
		{
			name: "a page while a video is held", held: first[:4], known: Identity{Validator: `"a"`, Size: 10},
			replies: []reply{{200, http.Header{"Content-Type": {"text/html"}}, 30, "<html>", false}},
			want:    first[:4], err: ErrNoVideo, stream: ErrNoVideo,
		},
		{
			name: "nothing while a video is held", held: first[:4], known: Identity{Validator: `"a"`, Size: 10},
			replies: []reply{{200, tagged(`"a"`), 0, "", false}},
			want:    first[:4], err: ErrIncomplete, stream: ErrIncomplete,
		},
		{
			name: "a checksum that an earlier answer had", held: first[:4], known: Identity{Validator: `"a"`, Size: 10, Checksum: checksumOf(http.Header{"Repr-Digest": {digest}}, true).String()},
			replies: []reply{{206, tagged(`"a"`, "Content-Range", "bytes 4-9/10"), 6, first[4:9] + "x", false}},
			want:    first[:9] + "x", err: ErrChecksum, stream: ErrChecksum,
		},
		{
			name: "an upload's encoding, left on", want: first,
			replies: []reply{{200, http.Header{"Content-Encoding": {"aws-chunked"}}, 10, first, false}},
		},
	}
	for _, test := range tests {
		for _, stream := range []bool{false, true} {
			t.Run(test.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := &sink{stream: stream}
					s.WriteString(test.held)
					way := transfer(&origin{}, s)
					if !stream || test.held != "" {
						way.Held, way.Known = &rereader{s}, test.known
					}
					var asked []Range
					way.Open = told(&asked, test.replies...)
					_, err := way.Run(t.Context())
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

// rereader reads what a sink has, from its start.
type rereader struct{ sink *sink }

func (r *rereader) Read(p []byte) (int, error) {
	n := copy(p, r.sink.Bytes())
	r.sink = &sink{Buffer: *bytes.NewBuffer(r.sink.Bytes()[n:])}
	if n == 0 {
		return 0, io.EOF
	}
	return n, nil
}

func (r *rereader) Seek(int64, int) (int64, error) { return 0, nil }

// slowSink takes a long time for each write.
type slowSink struct{ sink }

func (s *slowSink) Write(p []byte) (int, error) {
	time.Sleep(time.Hour)
	return s.sink.Write(p)
}

func TestASlowReaderIsNoSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, s := &origin{content: content, tag: `"a"`}, &slowSink{sink{stream: true}}
		way := transfer(o, &s.sink)
		way.To, way.MaxRetries = s, 0
		_, err := way.Run(t.Context())
		require.NoError(t, err)
		require.Len(t, o.asked, 1)
	})
}

func TestABadRangeIsNoEndEvenWithoutRetries(t *testing.T) {
	s := &sink{}
	s.WriteString(first[:4])
	way := transfer(&origin{}, s)
	way.Held, way.Known, way.MaxRetries = strings.NewReader(first[:4]), Identity{Validator: `"a"`, Size: 10}, 0
	var asked []Range
	way.Open = told(&asked,
		reply{206, tagged(`"a"`, "Content-Range", "bytes 0-9/10"), 10, first, false},
		reply{200, tagged(`"a"`), 10, first, false},
	)
	_, err := way.Run(t.Context())
	require.NoError(t, err)
	require.Equal(t, first, s.String())
}

// What is held is hashed while an answer is read: its bytes must not get in between.
func TestAChecksumThatComesWithBytesThatAreHeld(t *testing.T) {
	long := make([]byte, 1<<20)
	_, _ = rand.NewChaCha8([32]byte{}).Read(long)
	sum := sha256.Sum256(long)
	o := &origin{content: long, header: http.Header{"Repr-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}}}
	s := &sink{}
	s.Write(long[:300_000])
	way := transfer(o, s)
	way.Held, way.Known = bytes.NewReader(long[:300_000]), Identity{Size: -1}
	_, err := way.Run(t.Context())
	require.NoError(t, err)
	require.True(t, bytes.Equal(long, s.Bytes()))
	require.Zero(t, s.restarts)
}
