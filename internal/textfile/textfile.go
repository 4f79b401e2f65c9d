// Package textfile reads text as it is saved on all systems.
package textfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// ErrNotText is an error of text that cannot be read as it was meant.
var ErrNotText = errors.New("not text in UTF-8, or in UTF-16 with a byte order mark; save it as UTF-8")

// NewReader returns a reader of text in UTF-8. It removes a byte order mark, decodes
// UTF-16 that has one, and returns [ErrNotText] at the first character that is not text.
func NewReader(in io.Reader) io.Reader {
	return transform.NewReader(in, transform.Chain(unicode.BOMOverride(transform.Nop), validator{}))
}

// Read returns the text of a file. It reads no further than the first character that is
// not text: what is named by mistake may have no end.
func Read(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(NewReader(file))
	return string(text), err
}

// Decode returns the text that [NewReader] reads.
func Decode(content []byte) (string, error) {
	text, err := io.ReadAll(NewReader(bytes.NewReader(content)))
	return string(text), err
}

// Check reads a file to its end and back, unless it can be read only once.
func Check(file *os.File) error {
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return err
	}
	if _, err := io.Copy(io.Discard, NewReader(file)); err != nil {
		return fmt.Errorf("%s: %w", file.Name(), err)
	}
	_, err = file.Seek(0, io.SeekStart)
	return err
}

// validator copies text. It also rejects NUL, which UTF-16 without a byte order mark has,
// and U+FFFD, which replaces what was lost in an earlier conversion.
type validator struct{ transform.NopResetter }

// Transform implements [transform.Transformer].
func (validator) Transform(dst, src []byte, atEOF bool) (nDst, nSrc int, err error) {
	for nSrc < len(src) {
		char, size := utf8.DecodeRune(src[nSrc:])
		switch {
		case !atEOF && !utf8.FullRune(src[nSrc:]):
			return nDst, nSrc, transform.ErrShortSrc
		case char == utf8.RuneError, char == 0:
			return nDst, nSrc, ErrNotText
		case nDst+size > len(dst):
			return nDst, nSrc, transform.ErrShortDst
		}
		nDst += copy(dst[nDst:], src[nSrc:nSrc+size])
		nSrc += size
	}
	return nDst, nSrc, nil
}
