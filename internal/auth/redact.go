package auth

import (
	"bytes"
	"errors"
	"strconv"
)

// In reports whether text contains the key, even if escapes of JSON or of a URL hide it. A key
// of fewer than six bytes is never found.
func (k Key) In(text []byte) bool { return contain([]Key{k}, text) }

// Redact returns text with the key replaced, even if escapes hide it. Text without the key is
// returned unchanged.
func (k Key) Redact(text []byte) []byte { return redact([]Key{k}, text) }

func (s *secret) isIn(text []byte) bool {
	for _, needle := range s.needles {
		if bytes.Contains(text, needle) {
			return true
		}
	}
	return false
}

func contain(keys []Key, text []byte) bool {
	return containPlain(keys, text) || bytes.ContainsAny(text, escapes) && containPlain(keys, unescape(text))
}

func containPlain(keys []Key, text []byte) bool {
	for _, key := range keys {
		if !key.IsZero() && key.reveal().isIn(text) {
			return true
		}
	}
	return false
}

func redact(keys []Key, text []byte) []byte {
	text = redactPlain(keys, text)
	if !bytes.ContainsAny(text, escapes) {
		return text
	}
	if plain := unescape(text); containPlain(keys, plain) {
		return redactPlain(keys, plain)
	}
	return text
}

func redactPlain(keys []Key, text []byte) []byte {
	if !containPlain(keys, text) {
		return text
	}
	for _, key := range keys {
		if key.IsZero() {
			continue
		}
		for _, needle := range key.reveal().needles {
			text = bytes.ReplaceAll(text, needle, []byte(Redacted))
		}
	}
	return text
}

// redactError returns err, or, if its text contains a key, an error with that text
// redacted. That matches what err matches, but has nothing to unwrap.
func redactError(keys []Key, err error) error {
	text := []byte(err.Error())
	if !contain(keys, text) {
		return err
	}
	return &redactedError{string(redact(keys, text)), func(target error) bool { return errors.Is(err, target) }}
}

type redactedError struct {
	text string
	is   func(error) bool // a closure, because dumpers follow errors
}

func (e *redactedError) Error() string        { return e.text }
func (e *redactedError) Is(target error) bool { return e.is(target) }

// escapes are the characters that begin an escape, of JSON or of a URL.
const escapes = `\%`

// unescape resolves the escapes of the characters that a key consists of: printable ASCII
// except the quote and the backslash. JSON remains JSON. In JSON inside a string of JSON, the
// backslash of an escape is itself escaped, so it may be any number of them.
func unescape(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for {
		at := bytes.IndexAny(text, escapes)
		if at < 0 {
			return append(plain, text...)
		}
		plain, text = append(plain, text[:at]...), text[at:]
		rest := bytes.TrimLeft(text, `\`)
		if c, length := resolve(rest); length > 0 {
			plain, text = append(plain, c), rest[length:]
		} else {
			skipped := max(len(text)-len(rest), 1)
			plain, text = append(plain, text[:skipped]...), text[skipped:]
		}
	}
}

// resolve returns the character that an escape sequence encodes, which begins with a percent
// sign or after a backslash, and the length of the sequence, or 0 if it is not one to resolve.
func resolve(sequence []byte) (c byte, length int) {
	var digits []byte
	switch {
	case bytes.HasPrefix(sequence, []byte("/")):
		return '/', 1
	case len(sequence) >= 3 && sequence[0] == '%':
		digits = sequence[1:3]
	case len(sequence) >= 5 && sequence[0] == 'u':
		digits = sequence[1:5]
	}
	code, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil || code <= ' ' || code >= 0x7f || code == '"' || code == '\\' {
		return 0, 0
	}
	return byte(code), 1 + len(digits)
}
