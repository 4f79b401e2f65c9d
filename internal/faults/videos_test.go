package faults_test

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/xiexus/xiexus-go/xiexustest"
)

// sample returns the bytes of the video that is downloaded.
func sample() []byte {
	video := make([]byte, xiexustest.SampleVideo().Size)
	_, _ = xiexustest.SampleVideo().ReadAt(video, 0)
	return video
}

// newer returns the bytes of a video of the same size that begins in the same way.
func newer() []byte {
	video := sample()
	for i := range video[len(video)/4:] {
		video[len(video)/4+i] ^= 0xff
	}
	return video
}

// cutFirst cuts the first response in the body, and sends others as given.
func cutFirst(next func(req *http.Request, right response) response) func(net.Conn, *http.Request, response) bool {
	return func(conn net.Conn, req *http.Request, right response) bool {
		if right.faults == 0 {
			return cutAt(inBody, closed)(conn, req, right)
		}
		_, err := conn.Write(next(req, right).bytes())
		return err == nil
	}
}

// whole is a complete video, whatever range is requested.
func whole(video []byte, headers ...string) func(*http.Request, response) response {
	return func(_ *http.Request, right response) response {
		right.status, right.body = http.StatusOK, video
		right = right.with(headers...)
		right.header.Del("Content-Range")
		return right
	}
}

// part is a range of a video, which may not be the one that was requested.
func part(video []byte, shift, total int, headers ...string) func(*http.Request, response) response {
	return func(req *http.Request, right response) response {
		var from int
		_, _ = fmt.Sscanf(req.Header.Get("Range"), "bytes=%d-", &from)
		from = min(max(from+shift, 0), len(video)-1)
		right.status, right.body = http.StatusPartialContent, video[from:]
		return right.with("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(video)-1, total)).with(headers...)
	}
}

const otherETag = `"another"`

// videoFaults happen to a download that is resumed. What was received must not be continued
// with bytes of another video.
var videoFaults = []fault{
	{name: "cut, then the range", respond: cutFirst(func(_ *http.Request, right response) response { return right })},
	{name: "cut, then all of it", respond: cutFirst(whole(sample()))},
	{name: "cut, then a newer video", respond: cutFirst(whole(newer(), "Etag", otherETag))},
	{name: "cut, then a newer video with the same ETag", respond: cutFirst(whole(newer()))},
	{name: "cut, then a newer video without an ETag", respond: cutFirst(whole(newer(), "Etag", ""))},
	{name: "cut, then a shorter video", respond: cutFirst(whole(sample()[:len(sample())/3], "Etag", otherETag))},
	{name: "cut, then a page", respond: cutFirst(whole([]byte("<html>expired</html>"), "Content-Type", "text/html", "Etag", ""))},
	{name: "cut, then the range of a newer video", respond: cutFirst(part(newer(), 0, len(newer()), "Etag", otherETag))},
	{name: "cut, then an earlier range", respond: cutFirst(part(sample(), -7, len(sample())))},
	{name: "cut, then a later range", respond: cutFirst(part(sample(), 7, len(sample())))},
	{name: "cut, then the range of a longer video", respond: cutFirst(part(sample(), 0, 2*len(sample())))},
	{name: "cut, then a range that is not valid", respond: cutFirst(func(req *http.Request, right response) response {
		return part(sample(), 0, len(sample()))(req, right).with("Content-Range", "bytes all/some")
	})},
	{name: "cut, then a range without Content-Range", respond: cutFirst(func(req *http.Request, right response) response {
		right = part(sample(), 0, len(sample()))(req, right)
		right.header.Del("Content-Range")
		return right
	})},
	{name: "cut, then several ranges", respond: cutFirst(func(_ *http.Request, right response) response {
		right.status, right.body = http.StatusPartialContent, []byte("--x\r\nContent-Range: bytes 0-3/4\r\n\r\nftyp\r\n--x--\r\n")
		right.header.Del("Content-Range")
		return right.with("Content-Type", "multipart/byteranges; boundary=x")
	})},
	{name: "cut, then 416", respond: cutFirst(func(_ *http.Request, right response) response {
		right.status, right.body = http.StatusRequestedRangeNotSatisfiable, nil
		return right.with("Content-Range", "bytes */4")
	})},
	{name: "cut, then 304", respond: cutFirst(func(_ *http.Request, right response) response {
		right.status, right.body = http.StatusNotModified, nil
		return right
	})},
	{name: "cut, then a video of zeros", respond: cutFirst(whole(bytes.Repeat([]byte{0}, len(sample()))))},
	{name: "cut, then the video in text", respond: cutFirst(whole([]byte(strings.ToUpper("data:video/mp4;base64,"))))},
}
