package fetch

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Identity tells whether bytes of two answers belong to the same video.
type Identity struct {
	// Validator is a strong ETag or a date that is as good, or empty.
	Validator string `json:"validator,omitempty"`
	// Size is that of the whole video, in bytes, or -1.
	Size int64 `json:"size"`
	// Checksum is what the server says that it hashes to, or empty.
	Checksum string `json:"checksum,omitempty"`
}

// differs reports that the video is another one now.
func (i Identity) differs(from Identity) bool {
	return i.Validator != "" && from.Validator != "" && i.Validator != from.Validator ||
		i.Size >= 0 && from.Size >= 0 && i.Size != from.Size
}

// offer is what an answer has: bytes of a video from start on.
type offer struct {
	start    int64
	video    Identity
	checksum *checksum
	complete bool // nothing is left to send
}

// errBadRange is an answer that does not fit the bytes that were asked for.
var errBadRange = incomplete("the server answers with other bytes than it was asked for")

// readOffer says what an answer has for someone who holds bytes of a video and has
// asked for those from a place on.
func readOffer(resp *http.Response, from int64, known Identity) (offer, error) {
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity", "aws-chunked": // the last is of an upload, and left on by some stores
	default:
		return offer{}, fmt.Errorf("%w: it is encoded as %q", ErrNoVideo, encoding)
	}
	o := offer{video: Identity{Validator: validator(resp.Header), Size: resp.ContentLength}}
	switch resp.StatusCode {
	case http.StatusOK: // refused before anything that is held is given up for it
		if resp.ContentLength == 0 {
			return offer{}, incomplete("the answer is empty")
		}
		o.checksum = checksumOf(resp.Header, true)
		return o, checkVideo(resp.Header, nil)
	case http.StatusPartialContent:
		start, size, ok := contentRange(resp.Header.Get("Content-Range"))
		o.start, o.video.Size = start, size
		o.checksum = checksumOf(resp.Header, false)
		if !ok || start != from || o.video.differs(known) {
			return offer{}, errBadRange
		}
		return o, nil
	default: // 416: there is nothing after that place, or nothing like it
		size, ok := unsatisfied(resp.Header.Get("Content-Range"))
		o.start, o.video.Size, o.complete = from, size, true
		if !ok || size != from || o.video.differs(known) {
			return offer{}, errBadRange
		}
		return o, nil
	}
}

// contentRange reads "bytes 5-9/10" (RFC 9110, 14.4); size is -1 for "bytes 5-9/*".
func contentRange(value string) (start, size int64, ok bool) {
	span, total, found := strings.Cut(trimUnit(value), "/")
	first, last, ranged := strings.Cut(span, "-")
	start, err := strconv.ParseInt(first, 10, 64)
	end, err2 := strconv.ParseInt(last, 10, 64)
	if !found || !ranged || err != nil || err2 != nil || start < 0 || end < start {
		return 0, 0, false
	}
	if total == "*" {
		return start, -1, true
	}
	size, err = strconv.ParseInt(total, 10, 64)
	return start, size, err == nil && end < size
}

// unsatisfied reads "bytes */10".
func unsatisfied(value string) (size int64, ok bool) {
	total, found := strings.CutPrefix(trimUnit(value), "*/")
	size, err := strconv.ParseInt(total, 10, 64)
	return size, found && err == nil
}

func trimUnit(value string) string {
	unit, rest, _ := strings.Cut(strings.TrimSpace(value), " ")
	if !strings.EqualFold(unit, "bytes") {
		return ""
	}
	return strings.TrimSpace(rest)
}

// validator returns what If-Range takes (RFC 9110, 13.1.5): a strong ETag, or a
// date of change that is at least a second before the answer's.
func validator(header http.Header) string {
	if tag := header.Get("Etag"); tag != "" {
		if strings.HasPrefix(tag, `"`) {
			return tag
		}
		return ""
	}
	modified, err := http.ParseTime(header.Get("Last-Modified"))
	date, err2 := http.ParseTime(header.Get("Date"))
	if err != nil || err2 != nil || date.Sub(modified) < time.Second {
		return ""
	}
	return header.Get("Last-Modified")
}

// checkVideo refuses a 200 that begins a page or an error instead of a video.
func checkVideo(header http.Header, beginning []byte) error {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case strings.HasPrefix(mediaType, "video/"), strings.HasPrefix(mediaType, "image/"), mediaType == "application/octet-stream":
		return nil
	case mediaType == "text/html", strings.HasSuffix(mediaType, "json"), strings.HasSuffix(mediaType, "xml"):
		return fmt.Errorf("%w: it is %s", ErrNoVideo, mediaType)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(beginning, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && (text[0] == '<' || text[0] == '{') {
		return fmt.Errorf("%w: it is text that begins with %q", ErrNoVideo, text[:1])
	}
	return nil
}
