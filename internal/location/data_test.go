package location

import (
	"encoding/base64"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOpenData(t *testing.T) {
	bytes := "\x00\xff\xfe?>video"
	standard, urls := base64.StdEncoding.EncodeToString([]byte(bytes)), base64.RawURLEncoding.EncodeToString([]byte(bytes))
	tests := []struct{ name, url, want, contentType string }{
		{"base64", "data:video/mp4;base64," + standard, bytes, "video/mp4"},
		{"URL alphabet, no padding", "data:video/mp4;base64," + urls, bytes, "video/mp4"},
		{"escaped", "data:;base64," + strings.NewReplacer("+", "%2B", "/", "%2F", "=", "%3D").Replace(standard), bytes, ""},
		{"line breaks", "data:video/mp4;BASE64," + standard[:5] + "\r\n " + standard[5:], bytes, "video/mp4"},
		{"a parameter", "data:video/webm;codecs=vp9;base64," + standard, bytes, "video/webm;codecs=vp9"},
		{"not base64", "DATA:text/plain,a%20b+c", "a b+c", "text/plain"},
		{"empty", "data:,", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			resp, err := OpenData(test.url)
			require.NoError(t, err)
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			require.Equal(t, test.want, string(body))
			require.EqualValues(t, len(body), resp.ContentLength)
			require.Equal(t, test.contentType, resp.Header.Get("Content-Type"))
		})
	}
}

func TestOpenData_RejectsBrokenURLs(t *testing.T) {
	for _, url := range []string{"data:video/mp4;base64", "data:,%zz", "data:;base64,A", "data:;base64,AA!A"} {
		_, err := OpenData(url)
		require.ErrorIs(t, err, ErrData, url)
	}
}

func FuzzOpenData(f *testing.F) {
	f.Add("data:video/mp4;base64,AAAA")
	f.Add("data:,%41")
	f.Fuzz(func(t *testing.T, url string) {
		resp, err := OpenData("data:" + url)
		if err != nil {
			require.ErrorIs(t, err, ErrData)
			return
		}
		_, err = io.Copy(io.Discard, resp.Body)
		require.NoError(t, err)
	})
}
