package filetype

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// signature is a sequence of bytes at an offset that files of one type have.
type signature struct {
	name, extension string
	offset          int
	bytes           string
}

func (s signature) matches(head []byte) bool {
	return len(head) >= s.offset && bytes.HasPrefix(head[s.offset:], []byte(s.bytes))
}

// videos are the signatures of videos and moving images, except those of [boxed],
// [matroska] and [transportStream].
var videos = []signature{
	{"GIF", "gif", 0, "GIF87a"},
	{"GIF", "gif", 0, "GIF89a"},
	{"FLV", "flv", 0, "FLV\x01"},
	{"Ogg", "ogv", 0, "OggS\x00"},
	{"MPEG program stream", "mpg", 0, "\x00\x00\x01\xba"},
	{"MPEG video", "mpg", 0, "\x00\x00\x01\xb3"},
	{"ASF", "wmv", 0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"},
	{"MXF", "mxf", 0, "\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02"},
	{"RealMedia", "rm", 0, ".RMF\x00"},
	{"IVF", "ivf", 0, "DKIF\x00\x00"},
	{"YUV4MPEG2", "y4m", 0, "YUV4MPEG2 "},
}

// others are what [net/http.DetectContentType] does not know, or calls a video.
var others = []signature{
	{"a 7z archive", "", 0, "7z\xbc\xaf\x27\x1c"},
	{"an xz archive", "", 0, "\xfd7zXZ\x00"},
	{"a bzip2 archive", "", 0, "BZh"},
	{"a zstd archive", "", 0, "\x28\xb5\x2f\xfd"},
	{"a ZIP archive", "", 0, "PK\x03\x04"},
	{"an empty ZIP archive", "", 0, "PK\x05\x06"},
	{"a PNG image", "", 0, "\x89PNG\r\n\x1a\n"},
	{"a JPEG image", "", 0, "\xff\xd8\xff"},
	{"a TIFF image", "", 0, "II*\x00"},
	{"a TIFF image", "", 0, "MM\x00*"},
	{"an MP3 file", "", 0, "ID3"},
	{"a FLAC file", "", 0, "fLaC"},
	{"a PDF document", "", 0, "%PDF-"},
	{"gzip data", "", 0, "\x1f\x8b"},
	{"a program", "", 0, "\x7fELF"},
}

// detectVideo returns the type of a video, or a type that is not one.
func detectVideo(head []byte) Type {
	for _, s := range videos {
		if s.matches(head) {
			return video(s.name, s.extension)
		}
	}
	switch {
	case bytes.HasPrefix(head, []byte("RIFF")) && len(head) >= 12:
		switch string(head[8:12]) {
		case "AVI ":
			return video("AVI", "avi")
		case "WEBP":
			return video("WebP", "webp")
		}
	case bytes.HasPrefix(head, []byte("\x1a\x45\xdf\xa3")):
		return matroska(head)
	case isTransportStream(head, 0, 188), isTransportStream(head, 4, 192), isTransportStream(head, 0, 204):
		return video("MPEG transport stream", "ts")
	case len(head) >= 8:
		return boxed(head)
	}
	return Type{}
}

func video(name, extension string) Type { return Type{Name: name, Extension: extension, Video: true} }

// matroska tells WebM from Matroska by the document type in the EBML header.
func matroska(head []byte) Type {
	if bytes.Contains(head, []byte("\x42\x82\x84webm")) {
		return video("WebM", "webm")
	}
	return video("Matroska", "mkv")
}

// isTransportStream reports whether each packet begins with the sync byte. A single packet
// is not enough: G is a letter.
func isTransportStream(head []byte, offset, packet int) bool {
	packets := 0
	for ; offset < len(head); offset += packet {
		if head[offset] != 'G' {
			return false
		}
		packets++
	}
	return packets >= 2
}

// brands are major brands of the file type box whose files are not "mp4" (ISO/IEC 14496-12,
// and the registry at mp4ra.org). Those without an extension are not videos.
var brands = []struct{ prefix, name, extension string }{
	{"qt  ", "QuickTime", "mov"},
	{"3g", "3GPP", "3gp"},
	{"M4V", "MP4", "m4v"},
	{"f4v", "MP4", "f4v"},
	{"avis", "an AVIF sequence", "avif"},
	{"avif", "an AVIF image", ""},
	{"hei", "a HEIF image", ""},
	{"mif1", "a HEIF image", ""},
	{"M4A", "MP4 audio", ""},
	{"M4B", "MP4 audio", ""},
	{"crx ", "a CR3 image", ""},
	{"jp2 ", "a JPEG 2000 image", ""},
	{"jxl ", "a JPEG XL image", ""},
}

// boxed recognizes ISO base media files and QuickTime files, which consist of boxes: a size
// in four bytes, then a type in four letters (ISO/IEC 14496-12, 4.2).
func boxed(head []byte) Type {
	size := binary.BigEndian.Uint32(head)
	if size > 1 && size < 8 {
		return Type{}
	}
	if size>>24 != 0 { // 16 MB or more, or four characters
		if _, isText := textOf(head); isText {
			return Type{}
		}
	}
	switch string(head[4:8]) {
	case "ftyp", "styp":
		for _, brand := range brands {
			if len(head) >= 12 && strings.HasPrefix(string(head[8:12]), brand.prefix) {
				return Type{Name: brand.name, Extension: brand.extension, Video: brand.extension != ""}
			}
		}
		return video("MP4", "mp4")
	case "moof", "sidx", "pdin", "emsg", "prft", "uuid", "imda":
		return video("MP4", "mp4")
	case "moov", "mdat", "wide", "free", "skip", "pnot":
		return video("QuickTime", "mov")
	}
	return Type{}
}
