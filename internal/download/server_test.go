package download

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

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
	maps.Copy(header, r.header)
	return &http.Response{StatusCode: r.status, Header: header, ContentLength: r.length, Body: io.NopCloser(body), Request: req}, nil
}

const (
	first  = "FLV\x01aaaaaa"
	second = "FLV\x01bbbbbb"
)

func tagged(tag string, more ...string) http.Header {
	header := http.Header{"Etag": {tag}}
	for i := 0; i < len(more); i += 2 {
		header.Set(more[i], more[i+1])
	}
	return header
}

var oddServers = []struct {
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
		name: "another video before the first byte", want: first + second,
		responses: []response{
			{200, tagged(`"a"`), 10, "", true},
			{200, tagged(`"b"`), 20, first + second, false},
		},
	},
	{
		name: "a shorter video", want: first[:5], stream: ErrChanged,
		responses: []response{
			{200, tagged(""), 10, first[:8], true},
			{200, tagged(""), 5, first[:5], false},
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
		name: "more than the range", want: first,
		responses: []response{
			{200, tagged(`"a"`), 10, first[:4], true},
			{206, tagged(`"a"`, "Content-Range", "bytes 4-5/10"), 6, second[4:], false},
			{200, tagged(`"a"`), 10, first, false},
		},
	},
	{
		name: "a page while a video is held", held: first[:4], known: Version{Validator: `"a"`, Size: 10},
		responses: []response{{200, http.Header{"Content-Type": {"text/html"}}, 30, "<html>", false}},
		want:      first[:4], err: ErrNotVideo, stream: ErrNotVideo,
	},
	{
		name: "a page without a type", err: ErrNotVideo, stream: ErrNotVideo,
		responses: []response{{200, http.Header{"Content-Type": {""}}, 6, "<html>", false}},
	},
	{
		name: "nothing while a video is held", held: first[:4], known: Version{Validator: `"a"`, Size: 10},
		responses: []response{{200, tagged(`"a"`), 0, "", false}},
		want:      first[:4], err: ErrIncomplete, stream: ErrIncomplete,
	},
	{
		name: "a checksum of an earlier response", held: first[:4], known: Version{Validator: `"a"`, Size: 10, Checksum: checksumOf(digestOf([]byte(first)), true)},
		responses: []response{
			{206, tagged(`"a"`, "Content-Range", "bytes 4-9/10"), 6, first[4:9] + "x", false},
			{200, tagged(`"a"`), 10, first, false}, // what was held may have been spoiled
		},
		want: first, stream: ErrChecksum,
	},
	{
		name: "ranges of what may be compressed", want: first,
		responses: []response{
			{200, tagged(`"a"`, "Content-Encoding", "gzip"), 10, first[:5], true},
			{206, tagged(`"a"`, "Content-Encoding", "gzip", "Content-Range", "bytes 5-9/10"), 5, first[5:], false},
			{200, tagged(`"a"`, "Content-Encoding", "gzip"), 10, first, false},
		},
	},
	{
		name: "an upload's encoding", want: first,
		responses: []response{{200, http.Header{"Content-Encoding": {"aws-chunked"}}, 10, first, false}},
	},
}

func TestTransfer_OddServers(t *testing.T) {
	for _, test := range oddServers {
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
					if test.want != "" && (!stream || test.stream == nil) {
						require.Equal(t, test.want, s.String())
					}
				})
			})
		}
	}
}
