// Package auth guards the bearer key: it takes a key as people paste it, keeps
// it out of everything that is printed, and attaches it to requests for one
// origin only.
package auth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"unicode"
)

// Redacted stands where a key would have been printed.
const Redacted = "[redacted]"

// Errors of ParseKey. They never carry the text that was refused.
var (
	ErrNoKey  = errors.New("the API key is empty")
	ErrBadKey = errors.New("the API key holds a space, a control character or a character outside ASCII: copy it again")
)

// Key is a bearer key. However it is printed, logged, encoded or dumped, it
// reads "[redacted]". The zero value is no key.
type Key struct {
	// A closure, because dumpers walk into unexported strings and pointers.
	reveal func() *secret
}

// secret is a key in the forms that it is used in.
type secret struct {
	authorization string // the header's value
	needle        []byte // what must not be seen in text from elsewhere
}

// ParseKey takes a key as people paste it: with spaces or a newline around it,
// in quotes, or with "Bearer " before it. It returns ErrNoKey or ErrBadKey.
func ParseKey(pasted string) (Key, error) {
	key := unwrap(pasted)
	if key == "" {
		return Key{}, ErrNoKey
	}
	for _, c := range []byte(key) {
		if c <= ' ' || c >= 0x7f {
			return Key{}, ErrBadKey
		}
	}
	return newKey(key), nil
}

// unwrap takes off what people paste around a key, in whatever order.
func unwrap(s string) string {
	for {
		wrapped := s
		s = strings.TrimPrefix(strings.TrimSpace(s), "\ufeff") // some editors begin a file so
		if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
			s = s[1 : n-1]
		}
		const scheme = "bearer"
		if n := len(scheme); len(s) >= n && strings.EqualFold(s[:n], scheme) {
			if rest := strings.TrimLeftFunc(s[n:], unicode.IsSpace); rest == "" || len(rest) < len(s)-n {
				s = rest
			}
		}
		if s == wrapped {
			return s
		}
	}
}

func newKey(key string) Key {
	kept := &secret{authorization: "Bearer " + key, needle: []byte(key)}
	// Relays take "sk-" as a mere prefix and may repeat the rest without it.
	if rest := strings.TrimPrefix(key, "sk-"); len(rest) >= 12 {
		kept.needle = []byte(rest)
	}
	return Key{reveal: func() *secret { return kept }}
}

// IsZero reports whether k is no key.
func (k Key) IsZero() bool { return k.reveal == nil }

// String returns "[redacted]".
func (Key) String() string { return Redacted }

// Format writes "[redacted]" for every verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue logs "[redacted]".
func (Key) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText encodes "[redacted]", in JSON too.
func (Key) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// In reports whether text holds the key, as when it was given in place of
// something else, or repeated by a relay. A toy key of less than six bytes is
// not looked for: it would be found everywhere, and redacting it would break JSON.
func (k Key) In(text []byte) bool {
	if k.IsZero() {
		return false
	}
	needle := k.reveal().needle
	return len(needle) >= 6 && bytes.Contains(text, needle)
}

// Redact replaces the key in text that comes from elsewhere, also where JSON
// escapes hide it.
func (k Key) Redact(text []byte) []byte {
	if !k.In(text) {
		if bytes.IndexByte(text, '\\') < 0 {
			return text
		}
		plain := unescape(text)
		if !k.In(plain) {
			return text
		}
		text = plain
	}
	return bytes.ReplaceAll(text, k.reveal().needle, []byte(Redacted))
}

// RedactError returns err, or, where its text holds the key, an error with that
// text redacted and nothing to unwrap.
func (k Key) RedactError(err error) error {
	if text := []byte(err.Error()); k.In(text) {
		return errors.New(string(k.Redact(text)))
	}
	return err
}

// unescape resolves the escapes of JSON strings that stand for what a key is
// made of: printable ASCII but the quote and the backslash. JSON stays JSON.
func unescape(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for len(text) > 0 {
		c, length := escaped(text)
		plain = append(plain, c...)
		text = text[length:]
	}
	return plain
}

// escaped returns what text begins with, resolved, and how long it is there.
func escaped(text []byte) (resolved []byte, length int) {
	switch {
	case text[0] != '\\' || len(text) == 1:
		return text[:1], 1
	case text[1] == '/':
		return text[1:2], 2
	case text[1] != 'u' || len(text) < 6:
		return text[:2], 2
	}
	c, err := strconv.ParseUint(string(text[2:6]), 16, 16)
	if err != nil || c <= ' ' || c >= 0x7f || c == '"' || c == '\\' {
		return text[:2], 2
	}
	return []byte{byte(c)}, 6
}

// Source hands out the key for a request.
type Source func(context.Context) (Key, error)

// Static returns a Source of one key.
func Static(key Key) Source {
	return func(context.Context) (Key, error) { return key, nil }
}

// Func returns a Source that asks fn each time and takes its answer as ParseKey does.
func Func(fn func(context.Context) (string, error)) Source {
	return func(ctx context.Context) (Key, error) {
		pasted, err := fn(ctx)
		if err != nil {
			return Key{}, fmt.Errorf("get the API key: %w", err)
		}
		return ParseKey(pasted)
	}
}
