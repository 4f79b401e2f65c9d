package xiexus

import (
	"io"
	"net/http"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// sanitizer is the outermost transport of both chains. It removes the keys from all that
// servers and transports return besides the body: a server may repeat a key in a header or
// a trailer, and net/http quotes malformed responses, and those of proxies, in its errors.
type sanitizer struct {
	base http.RoundTripper
	keys *auth.Keys
}

func (s *sanitizer) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := s.base.RoundTrip(req)
	if err != nil {
		return nil, s.cleanError(err)
	}
	resp.Request = req // callers' transports may leave it out
	resp.Status = s.keys.RedactString(resp.Status)
	s.redactHeader(resp.Header)
	if resp.Body != nil {
		resp.Body = &sanitizedBody{resp.Body, s, resp}
	}
	return resp, nil
}

// CloseIdleConnections closes the idle connections of base, for [http.Client].
func (s *sanitizer) CloseIdleConnections() {
	(&http.Client{Transport: s.base}).CloseIdleConnections()
}

// cleanError returns err, or an error with its text on one safe line without keys.
func (s *sanitizer) cleanError(err error) error {
	return safetext.Error(s.keys.RedactError(err), 2*longestMessage)
}

func (s *sanitizer) redactHeader(header http.Header) {
	for _, values := range header {
		for i, value := range values {
			values[i] = s.keys.RedactString(value)
		}
	}
}

// sanitizedBody is a body whose read errors and trailer are sanitized.
type sanitizedBody struct {
	io.ReadCloser
	sanitizer *sanitizer
	resp      *http.Response
}

func (b *sanitizedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	switch err {
	case nil:
	case io.EOF: //nolint:errorlint // as io.Reader returns it
		b.sanitizer.redactHeader(b.resp.Trailer)
	default:
		err = b.sanitizer.cleanError(err)
	}
	return n, err
}
