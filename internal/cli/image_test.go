package cli

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

func TestImage_Types(t *testing.T) {
	tests := []struct{ name, start, want string }{
		{"PNG", png, "image/png"},
		{"JPEG", jpeg, "image/jpeg"},
		{"GIF", "GIF89a", "image/gif"},
		{"WebP", "RIFF\x10\x00\x00\x00WEBPVP8 ", "image/webp"},
		{"BMP", "BM\x00\x00", "image/bmp"},
		{"TIFF", "II*\x00\x08", "image/tiff"},
		{"TIFF, big endian", "MM\x00*\x00", "image/tiff"},
		{"HEIC", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", "image/heic"},
		{"AVIF", "\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "image/avif"},
		{"MP4", "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", ""},
		{"WAV", "RIFF\x10\x00\x00\x00WAVEfmt ", ""},
		{"SVG", `<svg xmlns="http://www.w3.org/2000/svg"/>`, ""},
		{"PDF", "%PDF-1.7", ""},
		{"HTML", "<!DOCTYPE html>", ""},
		{"JSON", "{}", ""},
		{"empty", "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, imageType([]byte(test.start)))
			require.Equal(t, test.want, imageType([]byte(test.start + strings.Repeat("\x00\xff", 4000))[:len(test.start)]))
		})
	}
}

func TestCreate_Images(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	first, last := png+strings.Repeat("\x01", 100), jpeg+strings.Repeat("\x02", 100)
	require.NoError(t, os.WriteFile("first.png", []byte(first), 0o600))
	require.NoError(t, os.WriteFile("last.jpg", []byte(last), 0o600))
	require.NoError(t, os.WriteFile("wrong-name.txt", []byte(first), 0o600))
	firstBase64, lastBase64 := base64.StdEncoding.EncodeToString([]byte(first)), base64.StdEncoding.EncodeToString([]byte(last))
	firstData, lastData := "data:image/png;base64,"+firstBase64, "data:image/jpeg;base64,"+lastBase64
	const url = "HTTPS://i.example.com/1.png"
	tests := []struct {
		name string
		args []string
		want gen.CreateVideoRequest
	}{
		{"file", []string{"--image", "first.png"}, gen.CreateVideoRequest{Image: firstData}},
		{"path", []string{"--image", filepath.Join(dir, "first.png")}, gen.CreateVideoRequest{Image: firstData}},
		{"type by the bytes", []string{"--image", "wrong-name.txt"}, gen.CreateVideoRequest{Image: firstData}},
		{"file in base64", []string{"--image", "last.jpg", "--image-as", "base64"}, gen.CreateVideoRequest{Image: lastBase64}},
		{"URL", []string{"--image", url}, gen.CreateVideoRequest{Image: url}},
		{"data URL", []string{"--image", firstData, "--image-as", "base64"}, gen.CreateVideoRequest{Image: firstData}},
		{"base64", []string{"--image", lastBase64}, gen.CreateVideoRequest{Image: lastBase64}},
		{"first and last frame", []string{"--image", "first.png", "--image", url}, gen.CreateVideoRequest{Images: []string{firstData, url}}},
		{"several", []string{"--image", "first.png", "--image", "last.jpg", "--image", "a,b.png"}, gen.CreateVideoRequest{Images: []string{firstData, lastData, firstData}}},
		{"input reference", []string{"--input-reference", "last.jpg"}, gen.CreateVideoRequest{InputReference: lastData}},
		{"files named in a request", []string{"--request", "request.json"}, gen.CreateVideoRequest{Images: []string{firstData, lastData}, InputReference: url}},
	}
	require.NoError(t, os.WriteFile("a,b.png", []byte(first), 0o600))
	require.NoError(t, os.WriteFile("request.json", []byte(`{"images":["first.png","last.jpg"],"input_reference":"`+url+`"}`), 0o600))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := startRelay(t)
			sent := recordCreate(relay)
			got := runCommand(t.Context(), "", append([]string{"create", "-m", "m", "-p", "p"}, test.args...)...)
			require.Equal(t, 0, got.code, got.err)
			test.want.Model, test.want.Prompt = "m", "p"
			require.Equal(t, test.want, *sent)
		})
	}
}

func TestCreate_RejectsImages(t *testing.T) {
	t.Chdir(t.TempDir())
	files := map[string]string{
		"large.png": png + strings.Repeat("\x00", 10_000_000), "small.png": png + strings.Repeat("\x00", 1000),
		"page.png": "<!DOCTYPE html><title>Not found</title>", "film.mp4": "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom", "empty.png": "",
		"request.json": `{"image":"page.png"}`, "many.json": `{"images":["small.png","page.png"]}`,
	}
	for name, content := range files {
		require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	}
	require.NoError(t, os.Mkdir("dir", 0o700))
	relay := startRelay(t)
	tests := []struct {
		name string
		args []string
		want string
	}{
		{"too large", []string{"--image", "large.png"}, "image: the image has 10 MB, more than 10 MB; see --max-image-size"},
		{"larger than allowed", []string{"--image", "small.png", "--max-image-size", "1k"}, "--max-image-size"},
		{"too large in base64", []string{"--image", base64.StdEncoding.EncodeToString([]byte(files["small.png"])), "--max-image-size", "1k"}, "--max-image-size"},
		{"too large in a data URL", []string{"--image", "data:image/png;base64," + base64.StdEncoding.EncodeToString([]byte(files["small.png"])), "--max-image-size", "1k"}, "--max-image-size"},
		{"page", []string{"--image", "page.png"}, "page.png is not an image"},
		{"video", []string{"--image", "film.mp4"}, "film.mp4 is not an image"},
		{"empty", []string{"--image", "empty.png"}, "empty.png is not an image"},
		{"directory", []string{"--image", "dir"}, "dir is not an image"},
		{"no name", []string{"--image", ""}, "--image must not be empty"},
		{"missing", []string{"--image", "missing.png"}, "missing.png"},
		{"second of two", []string{"--image", "small.png", "--image", "missing.png"}, "missing.png"},
		{"data URL of a page", []string{"--image", "data:text/html;base64,PGh0bWw+"}, "is not an image"},
		{"data URL that is not in base64", []string{"--image", "data:image/svg+xml,<svg/>"}, "is not an image"},
		{"input reference", []string{"--input-reference", "page.png"}, "input_reference: page.png is not an image"},
		{"in a request", []string{"--request", "request.json"}, "page.png is not an image"},
		{"in a list in a request", []string{"--request", "many.json"}, "images: page.png is not an image"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := runCommand(t.Context(), "", append([]string{"create", "-m", "m", "-p", "p"}, test.args...)...)
			require.Equal(t, exitUsage, got.code, got.err)
			require.Contains(t, got.err, test.want)
			require.Empty(t, relay.Requests())
		})
	}
}
