package download

import (
	"encoding/hex"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
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

// isValid reports whether v can be of a video of which size bytes have been received. It may
// have been stored on a disk since.
func (v Version) isValid(size int64) bool {
	sum := newChecksum(v.Checksum)
	_, digits, _ := strings.Cut(v.Checksum, "=")
	_, err := hex.DecodeString(digits)
	return (v.Size == -1 || v.Size >= max(size, 1)) && !strings.ContainsFunc(v.Validator, unicode.IsControl) &&
		(v.Checksum == "" || sum != nil && err == nil && len(digits) == hex.EncodedLen(sum.Size()))
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
	version.Validator = validator(resp.Header)
	if resp.StatusCode == http.StatusOK {
		if resp.ContentLength == 0 {
			return 0, version, incomplete("the response is empty")
		}
		version.Size, version.Checksum = resp.ContentLength, checksumOf(resp.Header, true)
		return 0, version, nil
	}
	start, _, version.Size, err = parseContentRange(resp.Header.Get("Content-Range"))
	end := resp.StatusCode == http.StatusRequestedRangeNotSatisfiable
	switch {
	case err != nil, end != (start < 0), encoding(resp.Header) != "": // offsets in what is encoded
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

// lastOf returns the offset of the last byte that a response may have, by its header.
func lastOf(resp *http.Response) int64 {
	if resp.StatusCode == http.StatusPartialContent {
		if _, last, _, err := parseContentRange(resp.Header.Get("Content-Range")); err == nil {
			return last
		}
	}
	return math.MaxInt64
}

// parseContentRange parses "bytes 5-9/10" and "bytes 5-9/*", which has the size -1, and
// "bytes */10" of a 416, which has the start and the last offset -1 (RFC 9110, 14.4).
func parseContentRange(value string) (start, last, size int64, err error) {
	unit, value, _ := strings.Cut(strings.TrimSpace(value), " ")
	span, total, found := strings.Cut(strings.TrimSpace(value), "/")
	if !found || !strings.EqualFold(unit, "bytes") {
		return 0, 0, 0, errRange
	}
	from, to := span, span
	if span != "*" {
		from, to, _ = strings.Cut(span, "-")
	}
	var numbers [3]int64
	for i, digits := range []string{from, to, total} {
		if numbers[i], err = parseOffset(digits); err != nil {
			return 0, 0, 0, errRange
		}
	}
	start, last, size = numbers[0], numbers[1], numbers[2]
	if last < start || size >= 0 && last >= size || start < 0 && span != "*" {
		return 0, 0, 0, errRange
	}
	return start, last, size, nil
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
