package fetch

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrData is a data URL that cannot be decoded.
var ErrData = errors.New("the video's data URL is broken")

// OpenInline answers with the video that a data URL is (RFC 2397), as a server would.
func OpenInline(dataURL string) (*http.Response, error) {
	mediaType, data, found := strings.Cut(dataURL[len("data:"):], ",")
	if !found {
		return nil, fmt.Errorf("%w: it has no comma", ErrData)
	}
	if strings.Contains(data, "%") {
		decoded, err := url.PathUnescape(data)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrData, err)
		}
		data = decoded
	}
	mediaType, isBase64 := cutLastFold(mediaType, ";base64")
	body := io.Reader(strings.NewReader(data))
	length := int64(len(data))
	if isBase64 {
		body, length = &base64Reader{base64.NewDecoder(base64.RawStdEncoding, &alphabet{source: body})}, -1
	}
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {mediaType}},
		ContentLength: length,
		Body:          io.NopCloser(body),
	}, nil
}

// cutLastFold cuts a suffix off, in upper or lower case.
func cutLastFold(s, suffix string) (string, bool) {
	if at := len(s) - len(suffix); at >= 0 && strings.EqualFold(s[at:], suffix) {
		return s[:at], true
	}
	return s, false
}

// base64Reader names the error of what is not base64.
type base64Reader struct{ decoder io.Reader }

func (r *base64Reader) Read(p []byte) (int, error) {
	n, err := r.decoder.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("%w: %w", ErrData, err)
	}
	return n, err
}

// alphabet turns the alphabet of URLs into that of base64, and drops blanks and
// padding: relays write all of these.
type alphabet struct{ source io.Reader }

func (a *alphabet) Read(p []byte) (int, error) {
	for {
		n, err := a.source.Read(p)
		kept := p[:0]
		for _, c := range p[:n] {
			switch c {
			case ' ', '\t', '\r', '\n', '=':
				continue
			case '-':
				c = '+'
			case '_':
				c = '/'
			}
			kept = append(kept, c)
		}
		if len(kept) > 0 || err != nil || len(p) == 0 {
			return len(kept), err
		}
	}
}
