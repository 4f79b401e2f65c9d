package filetype

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// box is an ISO base media file that begins with a box of a type and its payload.
func box(kind, payload string) string {
	size := binary.BigEndian.AppendUint32(nil, uint32(8+len(payload)))
	return string(size) + kind + payload
}

// utf16Of encodes text in UTF-16 without a byte order mark.
func utf16Of(text string, order binary.AppendByteOrder) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = order.AppendUint16(encoded, unit)
	}
	return string(encoded)
}

var packets = strings.Repeat("G"+strings.Repeat("\xff", 187), 4)

// Bytes of no format that is known.
var noise = string(bytes.Repeat([]byte{0x9e, 0x01, 0x80, 0xf3}, 200))

func TestDetect_Videos(t *testing.T) {
	tests := []struct{ name, head, extension string }{
		{"MP4", box("ftyp", "isom\x00\x00\x02\x00isommp42"), "mp4"},
		{"MP4 of an unknown brand", box("ftyp", "xyz1\x00\x00\x00\x00"), "mp4"},
		{"fragmented MP4", box("styp", "msdh\x00\x00\x00\x00"), "mp4"},
		{"a fragment", box("moof", noise), "mp4"},
		{"QuickTime", box("ftyp", "qt  \x20\x05\x03\x00"), "mov"},
		{"QuickTime without a file type", box("wide", "") + box("mdat", noise), "mov"},
		{"64-bit box", "\x00\x00\x00\x01mdat" + noise, "mov"},
		{"a large box", "\x25\x00\x00\x00mdat" + noise, "mov"},
		{"a large box whose size is like text", "blahmdat" + noise, "mov"},
		{"an extension first", box("uuid", noise), "mp4"},
		{"an event first", box("emsg", noise), "mp4"},
		{"box up to the end", "\x00\x00\x00\x00mdat" + noise, "mov"},
		{"3GPP", box("ftyp", "3gp5\x00\x00\x00\x00"), "3gp"},
		{"M4V", box("ftyp", "M4V \x00\x00\x00\x00"), "m4v"},
		{"WebM", "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm\x42\x87\x81\x04", "webm"},
		{"Matroska", "\x1a\x45\xdf\xa3\xa3\x42\x86\x81\x01\x42\x82\x88matroska", "mkv"},
		{"AVI", "RIFF\x24\x00\x00\x00AVI LIST", "avi"},
		{"WebP", "RIFF\x24\x00\x00\x00WEBPVP8X", "webp"},
		{"GIF", "GIF89a\x01\x00\x01\x00", "gif"},
		{"FLV", "FLV\x01\x05\x00\x00\x00\x09", "flv"},
		{"Ogg", "OggS\x00\x02", "ogv"},
		{"MPEG-TS", packets, "ts"},
		{"MPEG-TS with error correction", strings.Repeat("G"+strings.Repeat("\xff", 203), 4), "ts"},
		{"MPEG-TS with time stamps", strings.Repeat("\x00\x00\x00\x01G"+strings.Repeat("\xff", 187), 4), "ts"},
		{"MPEG-PS", "\x00\x00\x01\xba\x44\x00", "mpg"},
		{"MPEG video", "\x00\x00\x01\xb3\x14\x00", "mpg"},
		{"ASF", "\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9", "wmv"},
		{"AVIF sequence", box("ftyp", "avis\x00\x00\x00\x00"), "avif"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Detect([]byte(test.head + noise))
			require.True(t, got.Video)
			require.Equal(t, test.extension, got.Extension)
			require.NotEmpty(t, got.Name)
		})
	}
}

func TestDetect_OtherFiles(t *testing.T) {
	const page, object = "<!DOCTYPE html><html>", `{"code":403,"message":"没有权限"}`
	tests := []struct{ name, head, want string }{
		{"HTML", page, "an HTML page"},
		{"HTML without a type", "<div>expired</div>", "an HTML page"},
		{"HTML after blanks", " \r\n\t" + page, "an HTML page"},
		{"HTML with a byte order mark", "\xef\xbb\xbf" + page, "an HTML page"},
		{"HTML in UTF-16", "\xff\xfe" + utf16Of(page, binary.LittleEndian), "an HTML page"},
		{"HTML in UTF-16 without a mark", utf16Of(page, binary.BigEndian), "an HTML page"},
		{"Chinese in UTF-16", "\xfe\xff" + utf16Of("视频已过期", binary.BigEndian), "text"},
		{"Chinese in GBK", "\xca\xd3\xc6\xb5\xd2\xd1\xb9\xfd\xc6\xda", "text"},
		{"XML", `<?xml version="1.0"?><Error/>`, "XML"},
		{"JSON", object, "JSON"},
		{"JSON with a binary value", "{\"a\":\"" + noise, "JSON"},
		{"a JSON array", "[]", "JSON"},
		{"words", "upstream request timeout", "text"},
		{"one letter", "x", "text"},
		{"words that begin with a box type", "carefree words", "text"},
		{"a box type after blank lines", "\r\n\r\nfree trial ended", "text"},
		{"words that begin like a packet", "Gone", "text"},
		{"M3U8", "#EXTM3U\n#EXT-X-VERSION:3", "a playlist"},
		{"DASH", `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011">`, "a playlist"},
		{"PNG", "\x89PNG\r\n\x1a\n" + noise, "a PNG image"},
		{"JPEG", "\xff\xd8\xff\xe0" + noise, "a JPEG image"},
		{"BMP", "BM\x36\x00" + noise, "image/bmp"},
		{"HEIF", box("ftyp", "heic\x00\x00\x00\x00") + noise, "a HEIF image"},
		{"AVIF", box("ftyp", "avif\x00\x00\x00\x00") + noise, "an AVIF image"},
		{"MP4 audio", box("ftyp", "M4A \x00\x00\x00\x00") + noise, "MP4 audio"},
		{"MP3", "ID3\x04" + noise, "an MP3 file"},
		{"WAV", "RIFF\x24\x00\x00\x00WAVEfmt " + noise, "audio/wave"},
		{"ZIP", "PK\x03\x04" + noise, "a ZIP archive"},
		{"gzip", "\x1f\x8b\x08\x00" + noise, "gzip data"},
		{"PDF", "%PDF-1.7\n" + noise, "a PDF document"},
		{"zeros", strings.Repeat("\x00", 600), "nothing but zero bytes"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Detect([]byte(test.head))
			require.False(t, got.Video)
			require.Equal(t, test.want, got.Name)
			require.Empty(t, got.Extension)
		})
	}
}

func TestDetect_Unknown(t *testing.T) {
	for _, head := range []string{"", noise, "\x00\x00\x00\x05ftyp" + noise, "RIFF\x24\x00\x00\x00ABCD\x01", "G" + noise} {
		require.True(t, Detect([]byte(head)).Unknown(), head)
	}
}

func TestFirstLine(t *testing.T) {
	require.Equal(t, `{"code":403}`, FirstLine([]byte("\xef\xbb\xbf \n{\"code\":403}\r\nmore")))
	require.Equal(t, "<html>", FirstLine([]byte("\xff\xfe"+utf16Of("<html>\n", binary.LittleEndian))))
	require.Equal(t, strings.Repeat("长", 120)+"…", FirstLine([]byte(strings.Repeat("长", 150))))
}

func FuzzDetect(f *testing.F) {
	for _, head := range []string{"", noise, packets, "<html>", "\xff\xfe", box("ftyp", "isom")} {
		f.Add([]byte(head))
	}
	f.Fuzz(func(t *testing.T, head []byte) {
		got := Detect(head)
		require.Equal(t, got.Video, got.Extension != "")
		require.False(t, got.Video && got.Text)
		require.LessOrEqual(t, len(FirstLine(head)), 4*HeadSize)
		for _, text := range []string{"<html>", `{"error":`, "plain words and "} {
			rest := strings.ToValidUTF8(strings.Map(func(r rune) rune { return max(r, ' ') }, string(head)), "")
			require.True(t, Detect([]byte(text+rest)).Text)
		}
	})
}
