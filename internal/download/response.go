package download

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Version identifies a video as a server has it at one time.
type Version struct {
	// Validator is a strong ETag, or a date that is as good, or empty.
	Validator string `json:"validator,omitempty"`
	// Size is the size of the whole video in bytes, or -1.
	Size int64 `json:"size"`
	// Checksum is the checksum that the server returned, or empty.
	Checksum string `json:"checksum,omitempty"`
}

// differs reports whether v is certainly not the same as other.
func (v Version) differs(other Version) bool {
	return v.Validator != "" && other.Validator != "" && v.Validator != other.Validator ||
		v.Size >= 0 && other.Size >= 0 && v.Size != other.Size
}

// content is what a response holds: the bytes of a video from start on.
type content struct {
	start    int64
	version  Version
	checksum *checksum
	end      bool // there are no more bytes
}

// errRange is a response with another range than the requested one.
var errRange = incomplete("the server sent another range than the requested one")

// readContent checks the header of a response to a request for the bytes from an
// offset on, by someone who has those before of a known version.
func readContent(resp *http.Response, offset int64, known Version) (content, error) {
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity", "aws-chunked": // the last is of the upload: some stores return it
	default:
		return content{}, fmt.Errorf("%w: it is encoded as %q", ErrNotVideo, encoding)
	}
	c := content{version: Version{Validator: validator(resp.Header), Size: resp.ContentLength}}
	switch resp.StatusCode {
	case http.StatusOK: // checked before what was received is given up for it
		if resp.ContentLength == 0 {
			return content{}, incomplete("the response is empty")
		}
		c.checksum = checksumOf(resp.Header, true)
		return c, checkVideo(resp.Header, nil)
	case http.StatusPartialContent:
		c.checksum = checksumOf(resp.Header, false)
	default: // 416: there is nothing after offset, or not even up to it
		c.end = true
	}
	start, size, err := parseContentRange(resp.Header.Get("Content-Range"))
	if err != nil || c.end != (start < 0) {
		return content{}, errRange
	}
	c.start, c.version.Size = start, size
	if c.end {
		c.start = size
	}
	if c.start != offset || c.version.differs(known) {
		return content{}, errRange
	}
	return c, nil
}

var contentRange = regexp.MustCompile(`(?i)^bytes\s+(?:(\d+)-(\d+)|\*)/(\d+|\*)$`)

// parseContentRange parses "bytes 5-9/10" and "bytes 5-9/*", which has the size -1, and
// "bytes */10" of a 416, which has the start -1 (RFC 9110, 14.4).
func parseContentRange(value string) (start, size int64, err error) {
	match := contentRange.FindStringSubmatch(strings.TrimSpace(value))
	if match == nil {
		return 0, 0, errRange
	}
	numbers := [3]int64{-1, -1, -1}
	for i, digits := range match[1:] {
		if digits != "" && digits != "*" {
			if numbers[i], err = strconv.ParseInt(digits, 10, 64); err != nil {
				return 0, 0, errRange
			}
		}
	}
	start, end, size := numbers[0], numbers[1], numbers[2]
	if end < start || size >= 0 && end >= size {
		return 0, 0, errRange
	}
	return start, size, nil
}

// validator returns what If-Range may hold (RFC 9110, 13.1.5): a strong ETag, or a
// modification date that is at least a second before the response's.
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

// checkVideo returns [ErrNotVideo] for a page or an error message, by its type or else
// by its first bytes.
func checkVideo(header http.Header, first []byte) error {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case strings.HasPrefix(mediaType, "video/"), strings.HasPrefix(mediaType, "image/"), mediaType == "application/octet-stream":
		return nil
	case mediaType == "text/html", strings.HasSuffix(mediaType, "json"), strings.HasSuffix(mediaType, "xml"):
		return fmt.Errorf("%w: it is %s", ErrNotVideo, mediaType)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && (text[0] == '<' || text[0] == '{') {
		return fmt.Errorf("%w: it is text that starts with %q", ErrNotVideo, text[:1])
	}
	return nil
}
