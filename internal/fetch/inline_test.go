package fetch

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenInline(t *testing.T) {
	bytes := "\x00\xff\xfe?>video"
	standard, urls := base64.StdEncoding.EncodeToString([]byte(bytes)), base64.RawURLEncoding.EncodeToString([]byte(bytes))
	tests := []struct{ name, url, want, contentType string }{
		{"base64", "data:video/mp4;base64," + standard, bytes, "video/mp4"},
		{"the alphabet of URLs, no padding", "data:video/mp4;base64," + urls, bytes, "video/mp4"},
		{"escaped", "data:;base64," + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(standard), bytes, ""},
		{"broken into lines", "data:video/mp4;BASE64," + standard[:5] + "\r\n " + standard[5:], bytes, "video/mp4"},
		{"a parameter", "data:video/webm;codecs=vp9;base64," + standard, bytes, "video/webm;codecs=vp9"},
		{"as it is", "DATA:text/plain,a%20b+c", "a b+c", "text/plain"},
		{"empty", "data:,", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp, err := OpenInline(test.url)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, test.want, string(body))
			require.Equal(t, test.contentType, resp.Header.Get("Content-Type"))
		})
	}
}

func TestBrokenDataURLs(t *testing.T) {
	for _, url := range []string{"data:video/mp4;base64", "data:,%zz", "data:;base64,A", "data:;base64,AA!A"} {
		resp, err := OpenInline(url)
		if err == nil {
			_, err = io.ReadAll(resp.Body)
		}
		require.ErrorIs(t, err, ErrData, url)
	}
}

func FuzzOpenInline(f *testing.F) {
	f.Add("data:video/mp4;base64,AAAA")
	f.Add("data:,%41")
	f.Fuzz(func(t *testing.T, url string) {
		resp, err := OpenInline("data:" + url)
		if err != nil {
			require.ErrorIs(t, err, ErrData)
			return
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			require.ErrorIs(t, err, ErrData)
		}
	})
}
