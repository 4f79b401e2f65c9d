package location

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// ErrData means that a data URL cannot be decoded.
var ErrData = errors.New("cannot decode the video's data URL")

// standard maps the URL alphabet of base64 to the standard one, and removes white space
// and padding: relays return all of these.
var standard = strings.NewReplacer("-", "+", "_", "/", "=", "", " ", "", "\t", "", "\r", "", "\n", "")

const dataScheme = "data:"

func isData(rawURL string) bool {
	return len(rawURL) >= len(dataScheme) && strings.EqualFold(rawURL[:len(dataScheme)], dataScheme)
}

// OpenData returns the video in a data URL (RFC 2397) as the response of a server.
func OpenData(dataURL string) (*http.Response, error) {
	mediaType, text, found := strings.Cut(dataURL[len(dataScheme):], ",")
	if !found {
		return nil, fmt.Errorf("%w: missing comma", ErrData)
	}
	var err error
	if strings.Contains(text, "%") {
		if text, err = url.PathUnescape(text); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrData, err)
		}
	}
	var video []byte
	const marker = ";base64"
	if at := len(mediaType) - len(marker); at >= 0 && strings.EqualFold(mediaType[at:], marker) {
		mediaType = mediaType[:at]
		if video, err = base64.RawStdEncoding.DecodeString(standard.Replace(text)); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrData, err)
		}
	} else {
		video = []byte(text)
	}
	return &http.Response{
		StatusCode:    http.StatusOK,
		Header:        http.Header{"Content-Type": {mediaType}},
		ContentLength: int64(len(video)),
		Body:          io.NopCloser(bytes.NewReader(video)),
	}, nil
}
