package download

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// A video under any label is written, and anything else is not, however it arrives.
func FuzzTransfer_WritesVideosOnly(f *testing.F) {
	heads := []struct {
		bytes string
		video bool
	}{
		{mp4, true}, {"FLV\x01", true}, {"\x1a\x45\xdf\xa3", true}, {"RIFF\x00\x00\x00\x00AVI ", true}, {"OggS\x00", true}, {"GIF89a", true},
		{"<html>", false}, {`{"error":`, false}, {"\xef\xbb\xbf<?xml ", false}, {"#EXTM3U\n#", false}, {"\x89PNG\r\n\x1a\n", false}, {"PK\x03\x04", false},
	}
	f.Add(uint8(0), "text/html", "gzip", "rest", false)
	f.Add(uint8(6), "video/mp4", "", "rest", true)
	f.Add(uint8(9), "application/octet-stream", "br", "", true)
	f.Fuzz(func(t *testing.T, which uint8, label, encoding, rest string, slowly bool) {
		head := heads[int(which)%len(heads)]
		if head.bytes == "#EXTM3U\n#" {
			rest = strings.Map(func(r rune) rune { return max(r, ' ') }, rest) // text, as a playlist is
		}
		content := head.bytes + rest
		body := io.Reader(strings.NewReader(content))
		if slowly {
			body = iotest.OneByteReader(body)
		}
		server := roundTripFunc(func(req *http.Request) (*http.Response, error) {
			header := http.Header{"Content-Type": {label}, "Content-Encoding": {encoding}}
			return &http.Response{StatusCode: http.StatusOK, Header: header, ContentLength: -1, Body: io.NopCloser(body), Request: req}, nil
		})
		s := newSink("", unknown)
		_, err := newTransfer(server).copyTo(t.Context(), s)
		if head.video {
			require.NoError(t, err)
			require.Equal(t, content, s.String())
		} else {
			require.ErrorIs(t, err, ErrNotVideo)
			require.Empty(t, s.Bytes())
		}
	})
}
