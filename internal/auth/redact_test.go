package auth_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestKey_Redact(t *testing.T) {
	tests := []struct{ name, key, text, want string }{
		{"in full", plainKey, "bad key sk-0123456789abcdefXYZ!", "bad key sk-[redacted]!"},
		{"without its prefix", plainKey, "bad key 0123456789abcdefXYZ!", "bad key [redacted]!"},
		{"with a prefix, parsed without", bareKey, "bad key sk-0123456789abcdefXYZ", "bad key sk-[redacted]"},
		{"another prefix", "xai-0123456789ab", "xai-0123456789ab", "[redacted]"},
		{"more than once", plainKey, plainKey + bareKey, "sk-[redacted][redacted]"},
		{"in a header", plainKey, "Authorization: Bearer " + plainKey, "Authorization: Bearer sk-[redacted]"},
		{"in JSON", plainKey, `{"key":"sk-0123456789abcdefXYZ"}`, `{"key":"sk-[redacted]"}`},
		{"in a query", plainKey, "/v1?key=sk-0123456789abcdefXYZ&a=1", "/v1?key=sk-[redacted]&a=1"},
		{"beside invalid UTF-8", plainKey, "\xff\x00" + plainKey + "\xfe", "\xff\x00sk-[redacted]\xfe"},
		{"a part of it only", plainKey, "0123456789abcdefXY", "0123456789abcdefXY"},
		{"in other case", plainKey, "SK-0123456789ABCDEFXYZ", "SK-0123456789ABCDEFXYZ"},
		{"empty", plainKey, "", ""},
		{"text without it", plainKey, "quota exceeded", "quota exceeded"},

		// A short rest reveals little without its prefix, and occurs in other text.
		{"rest of 11, in full", "sk-abcdefghijk", "is sk-abcdefghijk", "is [redacted]"},
		{"rest of 11, bare", "sk-abcdefghijk", "is abcdefghijk", "is abcdefghijk"},
		{"rest of 12, in full", "sk-abcdefghijkl", "is sk-abcdefghijkl", "is sk-[redacted]"},
		{"rest of 12, bare", "sk-abcdefghijkl", "is abcdefghijkl", "is [redacted]"},

		{"6 bytes", "secret", "my secret", "my [redacted]"},
		{"test key of 5 bytes", "sk-ab", "sk-ab", "sk-ab"},
		{"test key of 1 byte", "a", `{"a":"abc"}`, `{"a":"abc"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key := parseKey(t, tt.key)
			text := []byte(tt.text)
			require.Equal(t, tt.text != tt.want, key.In(text))
			require.Equal(t, tt.want, string(key.Redact(text)))
			require.Equal(t, tt.text, string(text), "the argument is not modified")
		})
	}
}

// A key may be hidden by the escapes of JSON, which remains JSON, or of a URL.
func TestKey_RedactResolvesEscapes(t *testing.T) {
	tests := []struct{ name, key, text, want string }{
		{"a letter", plainKey, `{"a":"sk-0123456789abcdef\u0058YZ\n"}`, `{"a":"sk-[redacted]\n"}`},
		{"capital digits", "sk-0123456789ab/Z", `sk-0123456789ab\u002F\u005a`, `sk-[redacted]`},
		{"a slash", "sk-0123456789ab/Z", `sk-0123456789ab\/Z`, `sk-[redacted]`},
		{"other escapes remain", plainKey, `\"\\\u0022\u005c\u0020\u00e9\u12 0123456789abcdef\u0058YZ\`, `\"\\\u0022\u005c\u0020\u00e9\u12 [redacted]\`},
		{"in JSON inside JSON", plainKey, `"{\"a\":\"0123456789abcdef\\u0058YZ\"}"`, `"{\"a\":\"[redacted]\"}"`},
		{"both with and without escapes", plainKey, `0123456789abcdefXYZ 0123456789abcdef\u0058YZ`, `[redacted] [redacted]`},
		{"in a URL", "sk-0123456789ab/+Z=", `?key=sk-0123456789ab%2F%2BZ%3D#sk-0123456789ab%2F+Z=`, `?key=sk-[redacted]#sk-[redacted]`},
		{"in a URL, small digits", "sk-0123456789ab/+Z=", `?key=sk-0123456789ab%2f%2bZ%3d`, `?key=sk-[redacted]`},
		{"in a URL, as JavaScript escapes it", "sk-0123456789ab/(Z)", `?key=sk-0123456789ab%2F(Z)`, `?key=sk-[redacted]`},
		{"in a URL, all of it", "sk-0123456789abZ", `%30%31%32%33%34%35%36%37%38%39%61%62%5A "%22%5c%20%e9%2 50%"`, `[redacted] "%22%5c%20%e9%2 50%"`},
		{"without the key", plainKey, `\u0041\/%41`, `\u0041\/%41`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.want, string(parseKey(t, tt.key).Redact([]byte(tt.text))))
		})
	}
}

func TestKeys_RedactError(t *testing.T) {
	keys, plain := auth.NewKeys(nil, parseKey(t, plainKey)), errors.New("connection lost")
	require.Same(t, plain, keys.RedactError(plain))
	err := keys.RedactError(fmt.Errorf("%w: %s", plain, plainKey))
	require.EqualError(t, err, "connection lost: sk-[redacted]")
	require.ErrorIs(t, err, plain)
	require.NoError(t, errors.Unwrap(err))
	requireHidden(t, dump(err))
}

func TestKey_ZeroIsNotFound(t *testing.T) {
	for _, text := range []string{"", "Bearer ", "anything " + plainKey} {
		require.False(t, auth.Key{}.In([]byte(text)))
		require.Equal(t, text, string(auth.Key{}.Redact([]byte(text))))
	}
	require.Nil(t, auth.Key{}.Redact(nil))
}

// Bodies may be megabytes: one without the key is not copied.
func TestKey_RedactDoesNotCopy(t *testing.T) {
	key := parseKey(t, plainKey)
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<10)
	require.Zero(t, testing.AllocsPerRun(10, func() { text = key.Redact(text) }))
}
