package download

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/xiexus/xiexus-go/internal/filetype"
)

// begin reads the first bytes of a response from the start of a video into the buffer, and
// returns how many these are, and a reader of the others. It returns [ErrNotVideo] for a
// response of anything else. Nothing has been written or discarded by then.
func (r *run) begin(resp *http.Response) (n int, body io.Reader, err error) {
	body = resp.Body
	n, err = readHead(body, r.buffer)
	if isGzip(r.buffer[:n]) && resp.StatusCode == http.StatusOK { // although it was not requested
		inflated, invalid := gzip.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(r.buffer[:n])), body))
		if invalid != nil {
			return 0, nil, broken(invalid)
		}
		r.latest = Version{Size: -1} // all that the header reports is about the compressed bytes
		body = inflated
		n, err = readHead(body, r.buffer)
	}
	head := r.buffer[:n]
	kind := filetype.Detect(head)
	switch {
	case kind.Video:
	case err != nil && err != io.EOF: //nolint:errorlint // as io.Reader returns it
		return 0, nil, broken(err)
	case n == 0:
		return 0, nil, incomplete("the response is empty")
	case !kind.Unknown() || !mayBeVideo(resp.Header):
		return 0, nil, notVideo(kind, head, resp.Header)
	}
	return n, body, r.to.detected(kind.Extension)
}

// readHead reads from a body into a buffer until it is clear what the body is. Its error is
// io.EOF if there is no more.
func readHead(body io.Reader, buffer []byte) (n int, err error) {
	for n < filetype.HeadSize && err == nil && !filetype.Detect(buffer[:n]).Video {
		var more int
		more, err = body.Read(buffer[n:])
		n += more
	}
	return n, err
}

func isGzip(head []byte) bool { return bytes.HasPrefix(head, []byte("\x1f\x8b\x08")) }

// encoding returns the content encoding of a response, or an empty string if it is none:
// many servers send values that mean nothing.
func encoding(header http.Header) string {
	switch value := strings.ToLower(strings.TrimSpace(header.Get("Content-Encoding"))); value {
	case "gzip", "x-gzip", "deflate", "br", "zstd", "compress":
		return value
	}
	return ""
}

// mayBeVideo reports whether bytes of an unknown format may be a video according to the
// header of their response.
func mayBeVideo(header http.Header) bool {
	mediaType, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	kind, _, _ := strings.Cut(mediaType, "/")
	return encoding(header) == "" && (kind == "video" || mediaType == "" || strings.HasSuffix(mediaType, "octet-stream"))
}

// notVideo returns the error for a response that is not a video.
func notVideo(kind filetype.Type, head []byte, header http.Header) error {
	what := kind.Name
	switch {
	case kind.Unknown():
		what = "an unknown format"
	case kind.Text:
		what += fmt.Sprintf(" that begins with %q", filetype.FirstLine(head))
	}
	if kind.Playlist {
		what += "; programs such as ffmpeg download the video that it lists"
	}
	var labels []string
	for _, name := range []string{"Content-Type", "Content-Encoding"} {
		if value := header.Get(name); value != "" {
			labels = append(labels, fmt.Sprintf("%s %q", name, value))
		}
	}
	if len(labels) > 0 {
		what += " (" + strings.Join(labels, ", ") + ")"
	}
	return fmt.Errorf("%w but %s", ErrNotVideo, what)
}

// broken returns the error of a response that ended early.
func broken(err error) error {
	if errors.Is(err, ErrIncomplete) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrIncomplete, err)
}
