package download

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Version identifies one version of a video on a server.
type Version struct {
	// Validator is a strong ETag, or a date that is equally reliable, or empty.
	Validator string `json:"validator,omitempty"`
	// Size is the size of the complete video in bytes, or -1.
	Size int64 `json:"size"`
	// Checksum is the checksum that the server reported, or empty.
	Checksum string `json:"checksum,omitempty"`
}

// differs reports whether v is certainly not the same as other.
func (v Version) differs(other Version) bool {
	return v.Validator != "" && other.Validator != "" && v.Validator != other.Validator ||
		v.Size >= 0 && other.Size >= 0 && v.Size != other.Size
}

// errRange means that a response has a different range than requested.
var errRange = incomplete("server returned a different range than requested")

// readHeader returns the offset at which the bytes of a response start, and the version of
// the video that they are part of. The request was for the bytes from offset on; those
// before it are part of the known version.
func readHeader(resp *http.Response, offset int64, known Version) (start int64, version Version, err error) {
	switch encoding := strings.ToLower(resp.Header.Get("Content-Encoding")); encoding {
	case "", "identity", "aws-chunked": // the last is about the upload: some stores return it
	default:
		return 0, version, fmt.Errorf("%w: unsupported Content-Encoding %q", ErrNotVideo, encoding)
	}
	version.Validator = validator(resp.Header)
	if resp.StatusCode == http.StatusOK { // checked before it replaces what was received
		if resp.ContentLength == 0 {
			return 0, version, incomplete("the response is empty")
		}
		version.Size, version.Checksum = resp.ContentLength, checksumOf(resp.Header, true)
		return 0, version, checkVideo(resp.Header, nil)
	}
	start, version.Size, err = parseContentRange(resp.Header.Get("Content-Range"))
	end := resp.StatusCode == http.StatusRequestedRangeNotSatisfiable
	switch {
	case err != nil, end != (start < 0):
		return 0, version, errRange
	case end: // there is nothing after the offset, or not even up to it
		start = version.Size
	default:
		version.Checksum = checksumOf(resp.Header, false)
	}
	if start != offset || version.differs(known) {
		return 0, version, errRange
	}
	return start, version, nil
}

// parseContentRange parses "bytes 5-9/10" and "bytes 5-9/*", which has the size -1, and
// "bytes */10" of a 416, which has the start -1 (RFC 9110, 14.4).
func parseContentRange(value string) (start, size int64, err error) {
	unit, value, _ := strings.Cut(strings.TrimSpace(value), " ")
	span, total, found := strings.Cut(strings.TrimSpace(value), "/")
	if !found || !strings.EqualFold(unit, "bytes") {
		return 0, 0, errRange
	}
	first, last := span, span
	if span != "*" {
		first, last, _ = strings.Cut(span, "-")
	}
	var numbers [3]int64
	for i, digits := range []string{first, last, total} {
		if numbers[i], err = parseOffset(digits); err != nil {
			return 0, 0, errRange
		}
	}
	start, end, size := numbers[0], numbers[1], numbers[2]
	if end < start || size >= 0 && end >= size || start < 0 && span != "*" {
		return 0, 0, errRange
	}
	return start, size, nil
}

// parseOffset parses digits, or "*" as -1.
func parseOffset(digits string) (int64, error) {
	if digits == "*" {
		return -1, nil
	}
	offset, err := strconv.ParseUint(digits, 10, 63)
	return int64(offset), err
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

// checkVideo returns [ErrNotVideo] for a page or an error message, recognized by its type
// or, failing that, by its first bytes.
func checkVideo(header http.Header, first []byte) error {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	switch {
	case strings.HasPrefix(mediaType, "video/"), strings.HasPrefix(mediaType, "image/"), mediaType == "application/octet-stream":
		return nil
	case mediaType == "text/html", strings.HasSuffix(mediaType, "json"), strings.HasSuffix(mediaType, "xml"):
		return fmt.Errorf("%w: content type is %s", ErrNotVideo, mediaType)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(first, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) > 0 && (text[0] == '<' || text[0] == '{') {
		return fmt.Errorf("%w: text starting with %q", ErrNotVideo, text[:1])
	}
	return nil
}
