// Package auth protects the bearer key: it parses a key as people paste it, keeps
// it out of all output, and adds it to requests for one origin only.
package auth

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
)

// Redacted replaces a key in output.
const Redacted = "[redacted]"

// Errors of [ParseKey]. They never contain the text that was rejected.
var (
	ErrNoKey  = errors.New("the API key is empty")
	ErrBadKey = errors.New("the API key contains whitespace, a control character or a non-ASCII character; copy it again")
)

// Key is a bearer key. It is printed, logged, encoded and dumped as "[redacted]".
// The zero value is not a key and is not found in any text.
type Key struct {
	// A closure, because dumpers follow unexported strings and pointers.
	reveal func() *secret
}

type secret struct {
	authorization string   // the header's value
	needles       [][]byte // the part to redact, and what it is in a URL
}

// ParseKey parses a key as people paste it: surrounded by white space, in quotes, or
// after "Bearer ". Its error is [ErrNoKey] or [ErrBadKey].
func ParseKey(pasted string) (Key, error) {
	key := unwrap(pasted)
	if key == "" {
		return Key{}, ErrNoKey
	}
	if strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return Key{}, ErrBadKey
	}
	kept := &secret{authorization: "Bearer " + key}
	needle := key
	// To relays "sk-" is only a prefix: they may repeat the rest without it.
	if rest := strings.TrimPrefix(key, "sk-"); len(rest) >= 12 {
		needle = rest
	}
	for _, form := range []string{needle, url.QueryEscape(needle), url.PathEscape(needle)} {
		// A test key of fewer than six bytes is never found: it would match everywhere,
		// and redacting it would break JSON.
		if len(needle) >= 6 && !kept.isIn([]byte(form)) {
			kept.needles = append(kept.needles, []byte(form))
		}
	}
	return Key{reveal: func() *secret { return kept }}, nil
}

// unwrap removes what people paste around a key, in any order.
func unwrap(s string) string {
	for {
		wrapped := s
		s = strings.TrimPrefix(strings.TrimSpace(s), "\ufeff") // some editors begin a file with it
		if n := len(s); n >= 2 && s[0] == s[n-1] && (s[0] == '"' || s[0] == '\'') {
			s = s[1 : n-1]
		}
		if words := strings.Fields(s); len(words) > 0 && strings.EqualFold(words[0], "bearer") {
			s = strings.TrimSpace(s)[len("bearer"):]
		}
		if s == wrapped {
			return s
		}
	}
}

// IsZero reports whether k is the zero value.
func (k Key) IsZero() bool { return k.reveal == nil }

// String returns "[redacted]".
func (Key) String() string { return Redacted }

// Format writes "[redacted]" for every verb.
func (Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, Redacted) }

// LogValue logs "[redacted]".
func (Key) LogValue() slog.Value { return slog.StringValue(Redacted) }

// MarshalText encodes "[redacted]", in JSON too.
func (Key) MarshalText() ([]byte, error) { return []byte(Redacted), nil }

// Source returns the key for a request.
type Source func(context.Context) (Key, error)

// Static returns a Source that always returns key.
func Static(key Key) Source {
	return func(context.Context) (Key, error) { return key, nil }
}

// Func returns a Source that calls fn each time and parses its result with [ParseKey].
func Func(fn func(context.Context) (string, error)) Source {
	return func(ctx context.Context) (Key, error) {
		pasted, err := fn(ctx)
		if err != nil {
			return Key{}, fmt.Errorf("get the API key: %w", err)
		}
		return ParseKey(pasted)
	}
}
