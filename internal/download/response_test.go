package download

import (
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestReadHeader(t *testing.T) {
	known := Version{Validator: `"a"`, Size: 10}
	tests := []struct {
		name   string
		status int
		header string
		held   int64
		start  int64
		want   Version // none if it has no size
	}{
		{"whole", 200, `"a"`, 0, 0, known},
		{"whole, again", 200, `"a"`, 5, 0, known},
		{"the rest", 206, "bytes 5-9/10", 5, 5, known},
		{"a piece", 206, "Bytes  5-7/10", 5, 5, known},
		{"no total", 206, "bytes 5-9/*", 5, 5, Version{Validator: `"a"`, Size: -1}},
		{"another start", 206, "bytes 4-9/10", 5, 0, Version{}},
		{"another total", 206, "bytes 5-9/11", 5, 0, Version{}},
		{"beyond its total", 206, "bytes 5-10/10", 5, 0, Version{}},
		{"backwards", 206, "bytes 5-4/10", 5, 0, Version{}},
		{"another unit", 206, "lines 5-9/10", 5, 0, Version{}},
		{"no range", 206, "", 5, 0, Version{}},
		{"nothing left", 416, "bytes */10", 10, 10, known},
		{"ends before the offset", 416, "bytes */4", 5, 0, Version{}},
		{"a 416 without a range", 416, "", 5, 0, Version{}},
		{"a 416 with a part", 416, "bytes 5-9/10", 5, 0, Version{}},
		{"a 206 without a part", 206, "bytes */5", 5, 0, Version{}},
		{"a number out of range", 206, "bytes 5-9/99999999999999999999", 5, 0, Version{}},
		{"negative", 206, "bytes -5-9/10", 5, 0, Version{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp := &http.Response{StatusCode: test.status, ContentLength: 10, Header: http.Header{
				"Etag": {`"a"`}, "Content-Range": {test.header},
			}}
			start, version, err := readHeader(resp, test.held, known)
			if test.want == (Version{}) {
				require.ErrorIs(t, err, errRange)
				return
			}
			require.NoError(t, err)
			require.Equal(t, test.start, start)
			require.Equal(t, test.want, version)
		})
	}
}

func TestParseContentRange_LargeNumbers(t *testing.T) {
	for value, want := range map[string][3]int64{
		"bytes 4294967296-4294967300/4294967301":                  {1 << 32, 1<<32 + 4, 1<<32 + 5},
		"bytes 4294967295-4294967296/*":                           {1<<32 - 1, 1 << 32, -1},
		"bytes */4294967297":                                      {-1, -1, 1<<32 + 1},
		"bytes 1-9223372036854775806/9223372036854775807":         {1, math.MaxInt64 - 1, math.MaxInt64},
		"bytes 9223372036854775807-9223372036854775807/*":         {math.MaxInt64, math.MaxInt64, -1},
		"bytes 000000000000000000000004-000000000000000005/00006": {4, 5, 6},
	} {
		start, last, size, err := parseContentRange(value)
		require.NoError(t, err, value)
		require.Equal(t, want, [3]int64{start, last, size}, value)
	}
}

func TestReadHeader_RejectsOtherContent(t *testing.T) {
	known := Version{Validator: `"a"`, Size: 10}
	changed := &http.Response{StatusCode: http.StatusPartialContent, Header: http.Header{"Etag": {`"b"`}, "Content-Range": {"bytes 5-9/10"}}}
	_, _, err := readHeader(changed, 5, known)
	require.ErrorIs(t, err, errRange)
	encoded := &http.Response{StatusCode: http.StatusPartialContent, Header: http.Header{"Content-Encoding": {"gzip"}, "Content-Range": {"bytes 5-9/10"}}}
	_, _, err = readHeader(encoded, 5, known)
	require.ErrorIs(t, err, errRange)
}

func TestValidator(t *testing.T) {
	date := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	ago := func(d time.Duration) string { return date.Add(-d).Format(http.TimeFormat) }
	tests := []struct{ name, tag, modified, want string }{
		{"strong", `"a"`, ago(time.Hour), `"a"`},
		{"weak", `W/"a"`, ago(time.Hour), ""},
		{"old enough", "", ago(time.Second), ago(time.Second)},
		{"just changed", "", ago(0), ""},
		{"no date", "", "yesterday", ""},
		{"nothing", "", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{"Date": {date.Format(http.TimeFormat)}}
			header.Set("Etag", test.tag)
			header.Set("Last-Modified", test.modified)
			require.Equal(t, test.want, validator(header))
		})
	}
}

// sha is the SHA-256 of "123456789", as the other checksums here are.
const sha = "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU="

var checksumHeaderTests = []struct {
	name, header, value string
	algorithm           string // none if empty
	part                bool   // also in a 206
}{
	{"RFC 9530", "Repr-Digest", "sha-256=:" + sha + ":", "sha-256", true},
	{"RFC 9530, of the content", "Content-Digest", "sha-256=:" + sha + ":", "sha-256", false},
	{"RFC 3230", "Digest", "SHA-256=" + sha, "sha-256", true},
	{"RFC 1864", "Content-MD5", "JfnnlDI7RTiF9RgfG2JNCw==", "md5", false},
	{"Google", "X-Goog-Hash", "crc32c=4waSgw==, md5=JfnnlDI7RTiF9RgfG2JNCw==", "crc32c", true},
	{"Azure", "X-Ms-Blob-Content-Md5", "JfnnlDI7RTiF9RgfG2JNCw==", "md5", true},
	{"Amazon", "X-Amz-Checksum-Sha256", sha, "sha-256", false},
	{"Amazon's default", "X-Amz-Checksum-Crc64nvme", "rosUhgp5mIg=", "crc64nvme", false},
	{"Amazon's CRC32", "X-Amz-Checksum-Crc32", "y/Q5Jg==", "crc32", false},
	{"Amazon's CRC32C", "X-Amz-Checksum-Crc32c", "4waSgw==", "crc32c", false},
	{"Amazon, of parts", "X-Amz-Checksum-Crc32c", "4waSgw==-3", "", false},
	{"SHA-1", "Digest", "sha=98O8HYCOBHMq32eZZczDTKeuNEE=", "sha", true},
	{"Alibaba", "X-Oss-Hash-Crc64ecma", "11051210869376104954", "crc64ecma", true},
	{"Tencent", "X-Cos-Hash-Crc64ecma", "11051210869376104954", "crc64ecma", true},
	{"several", "Repr-Digest", "unixsum=:AAAA:, md5=:JfnnlDI7RTiF9RgfG2JNCw==:, sha-256=:" + sha + ":", "sha-256", true},
	{"a wrong length", "Repr-Digest", "sha-256=:AAAA:", "", false},
	{"not base64", "Repr-Digest", "sha-256=:!:", "", false},
	{"nothing", "X-Goog-Hash", "", "", false},
}

func TestChecksumOf(t *testing.T) {
	for _, test := range checksumHeaderTests {
		t.Run(test.name, func(t *testing.T) {
			header := http.Header{}
			header.Set(test.header, test.value)
			whole, part := checksumOf(header, true), checksumOf(header, false)
			require.Equal(t, test.part, part != "")
			if test.algorithm == "" {
				require.Empty(t, whole)
				return
			}
			algorithm, _, _ := strings.Cut(whole, "=")
			require.Equal(t, test.algorithm, algorithm)
			sum := newChecksum(whole)
			_, _ = sum.Write([]byte("123456789"))
			require.NoError(t, verify(sum, whole))
			_, _ = sum.Write([]byte("123456789"))
			require.ErrorIs(t, verify(sum, whole), ErrChecksum)
		})
	}
}

func FuzzReadHeader(f *testing.F) {
	f.Add(206, "bytes 4-9/10", `"a"`, "sha-256=:AAAA:", int64(4))
	f.Add(416, "bytes */10", "", "md5=AAAA", int64(10))
	f.Add(200, "", `W/"a"`, "", int64(0))
	f.Fuzz(func(t *testing.T, status int, contentRange, tag, digest string, from int64) {
		switch status {
		case http.StatusOK, http.StatusPartialContent, http.StatusRequestedRangeNotSatisfiable:
		default:
			return
		}
		if from < 0 {
			return
		}
		header := http.Header{"Content-Range": {contentRange}, "Etag": {tag}, "Repr-Digest": {digest}}
		start, version, err := readHeader(&http.Response{StatusCode: status, Header: header, ContentLength: -1}, from, Version{Size: -1})
		if err != nil {
			return
		}
		require.GreaterOrEqual(t, version.Size, int64(-1))
		if status != http.StatusOK {
			require.Equal(t, from, start)
		}
		if version.Size >= 0 {
			require.LessOrEqual(t, start, version.Size)
		}
		if version.Checksum != "" {
			require.NotNil(t, newChecksum(version.Checksum))
		}
	})
}

func TestNewChecksum_IgnoresUnknownAlgorithms(t *testing.T) {
	for _, text := range []string{"", "sha-256", "unixsum=00", "=00"} {
		require.Nil(t, newChecksum(text), text)
	}
}
