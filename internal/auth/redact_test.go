package auth_test

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestRedact(t *testing.T) {
	tests := []struct{ name, key, text, want string }{
		{"in full", plainKey, "bad key sk-0123456789abcdefXYZ!", "bad key sk-[redacted]!"},
		{"without its prefix", plainKey, "bad key 0123456789abcdefXYZ!", "bad key [redacted]!"},
		{"with a prefix it was given without", bareKey, "bad key sk-0123456789abcdefXYZ", "bad key sk-[redacted]"},
		{"another prefix", "xai-0123456789ab", "xai-0123456789ab", "[redacted]"},
		{"more than once", plainKey, plainKey + bareKey, "sk-[redacted][redacted]"},
		{"in a header", plainKey, "Authorization: Bearer " + plainKey, "Authorization: Bearer sk-[redacted]"},
		{"in JSON", plainKey, `{"key":"sk-0123456789abcdefXYZ"}`, `{"key":"sk-[redacted]"}`},
		{"in a query", plainKey, "/v1?key=sk-0123456789abcdefXYZ&a=1", "/v1?key=sk-[redacted]&a=1"},
		{"beside bytes that are no text", plainKey, "\xff\x00" + plainKey + "\xfe", "\xff\x00sk-[redacted]\xfe"},
		{"a part of it only", plainKey, "0123456789abcdefXY", "0123456789abcdefXY"},
		{"in other case", plainKey, "SK-0123456789ABCDEFXYZ", "SK-0123456789ABCDEFXYZ"},
		{"no text", plainKey, "", ""},
		{"another text", plainKey, "quota exceeded", "quota exceeded"},

		// A short rest says little without its prefix, and is found in other text.
		{"rest of 11, in full", "sk-abcdefghijk", "is sk-abcdefghijk", "is [redacted]"},
		{"rest of 11, bare", "sk-abcdefghijk", "is abcdefghijk", "is abcdefghijk"},
		{"rest of 12, in full", "sk-abcdefghijkl", "is sk-abcdefghijkl", "is sk-[redacted]"},
		{"rest of 12, bare", "sk-abcdefghijkl", "is abcdefghijkl", "is [redacted]"},

		{"6 bytes", "secret", "my secret", "my [redacted]"},
		{"toy key of 5 bytes", "sk-ab", "sk-ab", "sk-ab"},
		{"toy key of 1 byte", "a", `{"a":"abc"}`, `{"a":"abc"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := parseKey(t, tt.key)
			text := []byte(tt.text)
			require.Equal(t, tt.text != tt.want, key.In(text))
			require.Equal(t, tt.want, string(key.Redact(text)))
			require.Equal(t, tt.text, string(text), "the text that was given stays as it is")
		})
	}
}

func TestNoKeyIsNowhere(t *testing.T) {
	for _, text := range []string{"", "Bearer ", "anything " + plainKey} {
		require.False(t, auth.Key{}.In([]byte(text)))
		require.Equal(t, text, string(auth.Key{}.Redact([]byte(text))))
	}
	require.Nil(t, auth.Key{}.Redact(nil))
}

// A body of megabytes is searched for each answer: what holds no key is not copied.
func TestRedactDoesNotCopyInVain(t *testing.T) {
	key := parseKey(t, plainKey)
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	require.Zero(t, testing.AllocsPerRun(10, func() { text = key.Redact(text) }))
}
