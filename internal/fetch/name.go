package fetch

import (
	"fmt"
	"hash/crc32"
	"mime"
	"net/url"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestName is how many bytes of an id a file name takes. File systems take
// 255 for a name.
const longestName = 120

// FileName is the name for a task's video: from its id, its format, and where it
// tells none its address. It has no separators, control characters or leading dots, and is
// no device's on Windows.
func FileName(taskID, format, address string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.", r) {
			return r
		}
		return '_'
	}, taskID)
	if name == "" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "-") || isDevice(name) {
		name = "_" + name
	}
	for len(name) > longestName {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	if name != taskID { // another id may come to the same
		name = fmt.Sprintf("%s-%08x", name, crc32.ChecksumIEEE([]byte(taskID)))
	}
	return name + "." + extension(format, address)
}

// isDevice reports a name that Windows keeps for a device, with any extension.
func isDevice(name string) bool {
	name, _, _ = strings.Cut(strings.ToUpper(name), ".")
	switch name {
	case "CON", "PRN", "AUX", "NUL":
		return true
	}
	return len(name) == 4 && (strings.HasPrefix(name, "COM") || strings.HasPrefix(name, "LPT")) && name[3] >= '0' && name[3] <= '9'
}

// extensions are those of the formats that relays tell.
var extensions = map[string]string{
	"video/mp4": "mp4", "video/webm": "webm", "video/quicktime": "mov", "video/x-matroska": "mkv",
	"video/x-msvideo": "avi", "video/mpeg": "mpg", "video/ogg": "ogv", "video/3gpp": "3gp", "video/x-m4v": "m4v",
	"image/gif": "gif", "image/webp": "webp", "image/png": "png", "image/jpeg": "jpg", "application/zip": "zip",
}

// extension is that of a format such as "mp4" or "video/webm"; "mp4" if nothing is known.
func extension(format, address string) string {
	if known := extensionOf(format); known != "" {
		return known
	}
	if mediaType, isData := dataType(address); isData {
		if known := extensionOf(mediaType); known != "" {
			return known
		}
	} else if u, err := url.Parse(address); err == nil {
		if known := extensionOf(strings.TrimPrefix(path.Ext(u.Path), ".")); known != "" {
			return known
		}
	}
	return "mp4"
}

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

func dataType(address string) (mediaType string, isData bool) {
	if len(address) < len("data:") || !strings.EqualFold(address[:len("data:")], "data:") {
		return "", false
	}
	mediaType, _, _ = strings.Cut(address[len("data:"):], ",")
	mediaType, _, _ = strings.Cut(mediaType, ";")
	return mediaType, true
}
