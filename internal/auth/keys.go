package auth

import (
	"context"
	"slices"
	"sync"
)

// mostKeys is how many keys a [Keys] remembers. Each is searched for in every response.
const mostKeys = 16

// Keys returns the key for each request and remembers the latest ones, so that they can
// be redacted: a relay may repeat the key of an earlier request.
type Keys struct {
	source Source

	mu    sync.Mutex
	known []Key // the latest one first; replaced, never modified
}

// NewKeys returns the Keys of a source. Keys that are known in advance are redacted
// before they are used.
func NewKeys(source Source, known ...Key) *Keys { return &Keys{source: source, known: known} }

// Key returns the key of the source. It is a [Source].
func (k *Keys) Key(ctx context.Context) (Key, error) {
	key, err := k.source(ctx)
	if err != nil || key.IsZero() {
		return key, err
	}
	k.remember(key)
	return key, nil
}

func (k *Keys) remember(key Key) {
	k.mu.Lock()
	defer k.mu.Unlock()
	same := func(known Key) bool { return known.reveal().authorization == key.reveal().authorization }
	if len(k.known) > 0 && same(k.known[0]) {
		return
	}
	known := append([]Key{key}, slices.DeleteFunc(slices.Clone(k.known), same)...)
	k.known = known[:min(len(known), mostKeys)]
}

func (k *Keys) latest() []Key {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.known
}

// In reports whether text contains one of the keys; see [Key.In].
func (k *Keys) In(text string) bool { return contain(k.latest(), []byte(text)) }

// Redact returns text with the keys replaced; see [Key.Redact].
func (k *Keys) Redact(text []byte) []byte { return redact(k.latest(), text) }

// RedactString is [Keys.Redact] of a string.
func (k *Keys) RedactString(text string) string { return string(k.Redact([]byte(text))) }

// RedactError returns err, or, if its text contains a key, an error with that text
// redacted. [errors.Is] finds in it what it finds in err, but it unwraps to nothing.
func (k *Keys) RedactError(err error) error { return redactError(k.latest(), err) }
