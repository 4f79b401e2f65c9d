// Package filetype determines what a file is from its first bytes, whatever its name or
// content type claims.
package filetype

import (
	"bytes"
	"net/http"
	"strings"
)

// HeadSize is how many bytes of a file [Detect] looks at.
const HeadSize = 512

// Type is the type of a file. The zero value is an unknown binary format.
type Type struct {
	// Name is for messages, such as "MP4" or "an HTML page".
	Name string
	// Extension is the usual file extension of a video, such as "mp4".
	Extension string
	// Video reports a video, or a moving image.
	Video bool
	// Text reports text of any kind.
	Text bool
	// Playlist reports text that lists where the parts of a video are.
	Playlist bool
}

// Unknown reports a binary format that is not recognized.
func (t Type) Unknown() bool { return t == Type{} }

// Detect returns the type of a file that begins with head. A shorter head than [HeadSize]
// is enough for most types, but may hide that a file is not text.
func Detect(head []byte) Type {
	if head = head[:min(len(head), HeadSize)]; len(head) == 0 {
		return Type{}
	}
	if t := detectVideo(head); !t.Unknown() {
		return t
	}
	for _, s := range others {
		if s.matches(head) {
			return Type{Name: s.name}
		}
	}
	if text, ok := textOf(head); ok {
		name := textName(text)
		return Type{Name: name, Text: true, Playlist: name == playlist}
	}
	if len(bytes.Trim(head, "\x00")) == 0 {
		return Type{Name: "nothing but zero bytes"}
	}
	mediaType, _, _ := strings.Cut(http.DetectContentType(head), ";")
	if mediaType == "application/octet-stream" {
		return Type{}
	}
	return Type{Name: mediaType}
}

// FirstLine returns the beginning of the text in a file, for messages.
func FirstLine(head []byte) string {
	const longest = 120
	text, _ := textOf(head[:min(len(head), HeadSize)])
	line, _, _ := strings.Cut(text, "\n")
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	return strings.TrimSpace(line)
}

// textOf returns the text that a file begins with, without white space before it, as far as
// it is ASCII or UTF-8. A file that begins like a page or JSON is text whatever follows.
func textOf(head []byte) (text string, ok bool) {
	narrow, isWide := narrow(head)
	text = strings.TrimLeft(strings.TrimPrefix(string(narrow), "\ufeff"), " \t\r\n")
	isText := strings.HasPrefix(http.DetectContentType(narrow), "text/")
	return strings.ToValidUTF8(text, "\ufffd"), isText || isWide || beginsLikeMarkup(text)
}

// narrow removes the zero bytes of UTF-16, with or without a byte order mark.
func narrow(head []byte) (text []byte, isWide bool) {
	wide := bytes.TrimPrefix(bytes.TrimPrefix(head, []byte("\xff\xfe")), []byte("\xfe\xff"))
	isWide = len(wide) < len(head)
	zeros := [2]int{} // in even and in odd places
	for i, b := range wide {
		if b == 0 {
			zeros[i%2]++
		}
	}
	if pairs := len(wide) / 2; pairs > 0 && (zeros == [2]int{pairs, 0} || zeros == [2]int{0, pairs}) {
		isWide = true
	}
	if !isWide {
		return head, false
	}
	return bytes.ReplaceAll(wide, []byte{0}, nil), true
}

// beginsLikeMarkup reports whether text begins like HTML, XML or JSON.
func beginsLikeMarkup(text string) bool {
	if len(text) < 2 {
		return text == "<" || text == "{" || text == "["
	}
	switch text[0] {
	case '<':
		return strings.ContainsRune("!?/", rune(text[1])) || isLetter(text[1])
	case '{', '[':
		return strings.ContainsRune("\"{}[] \t\r\n", rune(text[1]))
	}
	return false
}

func isLetter(b byte) bool { return b|0x20 >= 'a' && b|0x20 <= 'z' }

const playlist = "a playlist"

// textName names a kind of text.
func textName(text string) string {
	lower := strings.ToLower(text)
	switch {
	case strings.HasPrefix(lower, "#extm3u"), strings.Contains(lower, "<mpd"):
		return playlist
	case strings.HasPrefix(lower, "<!doctype html"), strings.Contains(lower, "<html"), strings.HasPrefix(http.DetectContentType([]byte(text)), "text/html"):
		return "an HTML page"
	case strings.HasPrefix(lower, "<"):
		return "XML"
	case strings.HasPrefix(lower, "{"), strings.HasPrefix(lower, "["):
		return "JSON"
	}
	return "text"
}
