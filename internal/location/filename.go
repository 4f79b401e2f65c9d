package location

import (
	"cmp"
	"fmt"
	"hash/crc32"
	"mime"
	"net/url"
	"path"
	"strings"
	"unicode"
)

// longestName is how many bytes of an ID a file name has. File systems allow 255 for
// the complete name.
const longestName = 120

// FileName returns a file name for one of a task's videos, made from the task's ID, the
// number of the video after the first, and its format, or the extension in its URL where the
// format is not known. The name has no separator, control character or leading dot and is
// not a device on Windows.
func FileName(taskID string, index int, format, rawURL string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, taskID)
	name = cut(unreserved(name), longestName)
	if name != taskID { // another ID may give the same name
		name = fmt.Sprintf("%s-%08x", name, crc32.ChecksumIEEE([]byte(taskID)))
	}
	if index > 0 {
		name = fmt.Sprintf("%s-%d", name, index+1)
	}
	return name + "." + cmp.Or(Extension(format, rawURL), "mp4")
}

// extensions are the file extensions of the formats that relays return.
var extensions = map[string]string{
	"video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov", "video/x-matroska": "mkv",
	"video/x-msvideo": "avi", "video/mpeg": "mpg", "video/ogg": "ogv", "video/3gpp": "3gp", "video/x-m4v": "m4v",
	"video/x-flv": "flv", "video/mp2t": "ts", "image/gif": "gif", "image/webp": "webp",
}

// Extension returns the file extension of a format or of a URL, or an empty string where
// neither has one that is known.
func Extension(format, rawURL string) string {
	fallback := ""
	if isData(rawURL) {
		fallback, _, _ = strings.Cut(rawURL[len(dataScheme):], ",")
		fallback, _, _ = strings.Cut(fallback, ";")
	} else if u, err := url.Parse(rawURL); err == nil {
		fallback = path.Ext(u.Path)
	}
	return cmp.Or(extensionOf(format), extensionOf(fallback))
}

// extensionOf returns the extension of a format such as "mp4", ".mp4" or "video/mp4",
// or an empty string.
func extensionOf(format string) string {
	format = strings.ToLower(strings.TrimPrefix(strings.TrimSpace(format), "."))
	if mediaType, _, err := mime.ParseMediaType(format); err == nil && strings.Contains(mediaType, "/") {
		return extensions[mediaType]
	}
	for _, known := range extensions {
		if format == known {
			return known
		}
	}
	return ""
}
