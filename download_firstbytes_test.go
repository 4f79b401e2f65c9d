package xiexus_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// labels are what servers send as the content type of a video, or of anything else.
var labels = []string{
	"video/mp4", "video/webm", "application/octet-stream", "binary/octet-stream", "", "text/html; charset=utf-8",
	"text/plain", "application/json", "text/xml", "image/png", "application/vnd.apple.mpegurl", "nonsense",
}

// noise is binary data of no known format.
var noise = strings.Repeat("\x9e\x01\x80\xf3", 300)

func labeled(contentType string, content []byte) xiexustest.Delivery {
	return xiexustest.Delivery{Video: xiexustest.VideoFromBytes(content), Header: http.Header{"Content-Type": {contentType}}}
}

func TestDownloadFile_SavesVideosUnderAnyLabel(t *testing.T) {
	videos := map[string]string{
		"MP4": string(bytesOf(t, xiexustest.SampleVideo())), "WebM": "\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm" + noise,
		"AVI": "RIFF\x24\x00\x00\x00AVI LIST" + noise, "WebP": "RIFF\x24\x00\x00\x00WEBPVP8X" + noise, "GIF": "GIF89a" + noise,
		"FLV": tinyVideo, "Ogg": "OggS\x00" + noise, "MPEG-PS": "\x00\x00\x01\xba" + noise,
		"MPEG-TS": strings.Repeat("G"+strings.Repeat("\xff", 187), 5),
	}
	for name, video := range videos {
		for _, label := range labels {
			for _, encoding := range []string{"", "gzip", "none", "utf-8", "br", "aws-chunked"} {
				t.Run(fmt.Sprintf("%s as %q, encoding %q", name, label, encoding), func(t *testing.T) {
					s := newStudio(t)
					delivery := labeled(label, []byte(video))
					delivery.Header.Set("Content-Encoding", encoding)
					s.cdn.Put("/film.mp4", delivery)
					got, _, err := fetch(t, newClient(t, s.relay), taskAt(atCDN), true)
					require.NoError(t, err)
					require.Equal(t, video, string(got))
				})
			}
		}
	}
}

func TestDownloadFile_SavesNothingElse(t *testing.T) {
	files := []struct{ name, content, shown string }{
		{"JSON", `{"code":403,"message":"没有权限"}`, "begins with \"{\\\"code\\\":403,\\\"message\\\":\\\"没有权限\\\"}\""},
		{"a page", "<html><body>denied</body></html>", "an HTML page that begins with \"<html><body>denied"},
		{"a page after blanks", "\n\n  <!DOCTYPE html>\n<html>", "begins with \"<!DOCTYPE html>\""},
		{"XML", `<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>`, "AccessDenied"},
		{"words", "upstream connect error", "text that begins with \"upstream connect error\""},
		{"a playlist", "#EXTM3U\n#EXT-X-VERSION:3\n", "a playlist"},
		{"PNG", "\x89PNG\r\n\x1a\n" + noise, "a PNG image"},
		{"ZIP", "PK\x03\x04" + noise, "a ZIP archive"},
		{"audio", "ID3\x04" + noise, "an MP3 file"},
	}
	for _, file := range files {
		for _, label := range labels {
			t.Run(fmt.Sprintf("%s as %q", file.name, label), func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/film.mp4", labeled(label, []byte(file.content)))
				folder := t.TempDir()
				_, err := newClient(t, s.relay).DownloadFile(t.Context(), taskAt(atCDN), filepath.Join(folder, "v.mp4"))
				require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
				require.ErrorContains(t, err, file.shown)
				require.ErrorContains(t, err, label)
				left, err := os.ReadDir(folder)
				require.NoError(t, err)
				require.Empty(t, left)
				require.Len(t, s.cdn.Requests(), 1)

				var got bytes.Buffer
				_, err = newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), &got)
				require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
				require.Empty(t, got.Bytes(), "nothing is written before it is known")
			})
		}
	}
}

// The content type decides only where the bytes do not.
func TestDownload_UnknownFormats(t *testing.T) {
	for label, want := range map[string]error{
		"video/mp4": nil, "video/x-new": nil, "application/octet-stream": nil, "": nil,
		"text/html": xiexus.ErrUnexpectedResponse, "application/json": xiexus.ErrUnexpectedResponse, "image/png": xiexus.ErrUnexpectedResponse,
	} {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", labeled(label, []byte(noise)))
		_, _, err := fetch(t, newClient(t, s.relay), taskAt(atCDN), false)
		require.ErrorIs(t, err, want, label)
	}
}

func compressed(t *testing.T, content []byte) []byte {
	var buffer bytes.Buffer
	writer := gzip.NewWriter(&buffer)
	_, err := writer.Write(content)
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return buffer.Bytes()
}

func TestDownload_DecompressesGzip(t *testing.T) {
	for _, encoding := range []string{"gzip", "x-gzip", ""} {
		for _, cuts := range [][]int64{nil, {300_000, 500_000, 20, 600_000}} {
			t.Run(fmt.Sprintf("encoding %q, cuts %v", encoding, cuts), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newStudio(t)
					delivery := labeled("video/mp4", compressed(t, filmBytes(t)))
					delivery.Header.Set("Content-Encoding", encoding)
					delivery.Cuts = cuts
					s.cdn.Put("/film.mp4", delivery)
					for _, toFile := range []bool{true, false} {
						got, n, err := fetch(t, newClient(t, s.relay), taskAt(atCDN), toFile)
						require.NoError(t, err)
						require.Equal(t, film.Size, n)
						require.True(t, bytes.Equal(filmBytes(t), got))
					}
					for _, request := range s.cdn.Requests() {
						require.Empty(t, request.Header.Get("Range"), "offsets count what is compressed")
					}
				})
			})
		}
	}
	t.Run("of a page", func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", labeled("video/mp4", compressed(t, []byte("<html>denied"))))
		_, _, err := fetch(t, newClient(t, s.relay), taskAt(atCDN), true)
		require.ErrorIs(t, err, xiexus.ErrUnexpectedResponse)
		require.ErrorContains(t, err, "denied")
	})
}

// Whatever a server sends when it should send the rest, what is held stays.
func TestDownloadFile_KeepsWhatItHoldsUntilThereIsAnotherVideo(t *testing.T) {
	for name, content := range map[string]string{
		"a page": "<html></html>", "JSON": `{"code":403}`, "words": "not found\n", "an image": "\x89PNG\r\n\x1a\n", "nothing": "",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStudio(t)
				path := filepath.Join(t.TempDir(), "v.mp4")
				s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Cuts: []int64{500_000}})
				client := newClient(t, s.relay, xiexus.WithMaxRetries(0))
				_, err := client.DownloadFile(t.Context(), taskAt(atCDN), path)
				require.ErrorIs(t, err, xiexus.ErrIncomplete)

				other := labeled("video/mp4", []byte(content))
				other.NoRange = true
				s.cdn.Put("/film.mp4", other)
				_, err = client.DownloadFile(t.Context(), taskAt(atCDN), path)
				require.Error(t, err)
				require.NoFileExists(t, path)

				s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film})
				before := len(s.cdn.Requests())
				_, err = client.DownloadFile(t.Context(), taskAt(atCDN), path)
				require.NoError(t, err)
				require.Equal(t, "bytes=434464-", s.cdn.Requests()[before].Header.Get("Range"))
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.True(t, bytes.Equal(filmBytes(t), got))
			})
		})
	}
}

func TestWithDetectedExtension(t *testing.T) {
	const webM = "\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm"
	tests := []struct{ name, content, format, url, want string }{
		{"unknown format", webM + noise, "", "http://cdn.example.com/film", "v.webm"},
		{"format of the task", webM + noise, "video/mp4", "http://cdn.example.com/film", "v.mp4"},
		{"extension of the URL", webM + noise, "", "http://cdn.example.com/film.mp4", "v.mp4"},
		{"unknown bytes", noise, "", "http://cdn.example.com/film", "v.mp4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStudio(t)
			s.cdn.Put("/", labeled("video/mp4", []byte(test.content)))
			task := taskAt(test.url)
			task.Format = test.format
			folder := t.TempDir()
			saved := ""
			option := xiexus.WithDetectedExtension(func(path string) { saved = path })
			_, err := newClient(t, s.relay).DownloadFile(t.Context(), task, filepath.Join(folder, "v.mp4"), option)
			require.NoError(t, err)
			require.Equal(t, filepath.Join(folder, test.want), saved)
			require.FileExists(t, saved)
			left, err := os.ReadDir(folder)
			require.NoError(t, err)
			require.Len(t, left, 1)

			saved = ""
			_, err = newClient(t, s.relay).DownloadFile(t.Context(), task, filepath.Join(folder, "v.mp4"), option)
			require.ErrorIs(t, err, os.ErrExist)
			require.Empty(t, saved)
		})
	}
}
