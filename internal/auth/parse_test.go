package auth_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestParseKey_AcceptsWhatPeoplePaste(t *testing.T) {
	tests := []struct{ name, pasted, want string }{
		{"plain", "sk-abc", "sk-abc"},
		{"one character", "x", "x"},
		{"punctuation", "sk-a_b.c/d+e=~!", "sk-a_b.c/d+e=~!"},
		{"spaces", "  sk-abc  ", "sk-abc"},
		{"newline", "sk-abc\n", "sk-abc"},
		{"CRLF", "sk-abc\r\n", "sk-abc"},
		{"tabs", "\tsk-abc\t", "sk-abc"},
		{"no-break space", "\u00a0sk-abc\u00a0", "sk-abc"},
		{"double quotes", `"sk-abc"`, "sk-abc"},
		{"single quotes", `'sk-abc'`, "sk-abc"},
		{"one pair of quotes in the other", `"'sk-abc'"`, "sk-abc"},
		{"quotes and spaces", " \" sk-abc \" \n", "sk-abc"},
		{"Bearer", "Bearer sk-abc", "sk-abc"},
		{"bearer", "bearer  sk-abc", "sk-abc"},
		{"BEARER", "BEARER sk-abc\n", "sk-abc"},
		{"Bearer in quotes", `"Bearer sk-abc"`, "sk-abc"},
		{"Bearer and a tab", "Bearer\tsk-abc", "sk-abc"},
		{"Bearer and a newline", "Bearer\nsk-abc", "sk-abc"},
		{"quotes after Bearer", `Bearer "sk-abc"`, "sk-abc"},
		{"the other pair of quotes in the one", `'"sk-abc"'`, "sk-abc"},
		{"Bearer twice", "Bearer Bearer sk-abc", "sk-abc"},
		{"a key that begins like Bearer", "bearer-abc", "bearer-abc"},
		{"a key of another prefix", "xai-abc", "xai-abc"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := auth.ParseKey(tt.pasted)
			require.NoError(t, err)
			require.False(t, key.IsZero())
			require.Equal(t, "Bearer "+tt.want, authorizationOf(t, key))
		})
	}
}

func TestParseKey_Rejects(t *testing.T) {
	tests := []struct {
		name, pasted string
		want         error
	}{
		{"empty", "", auth.ErrNoKey},
		{"white space", " \t\r\n", auth.ErrNoKey},
		{"empty quotes", `""`, auth.ErrNoKey},
		{"white space in quotes", `" "`, auth.ErrNoKey},
		{"only Bearer", "Bearer", auth.ErrNoKey},
		{"only Bearer and a space", "Bearer ", auth.ErrNoKey},
		{"only Bearer in quotes", `"Bearer "`, auth.ErrNoKey},
		{"empty quotes after Bearer", `Bearer ""`, auth.ErrNoKey},
		{"inner space", "sk-abc def", auth.ErrBadKey},
		{"inner newline", "sk-abc\ndef", auth.ErrBadKey},
		{"inner CRLF, which would add a header", "sk-abc\r\nX-Evil: 1", auth.ErrBadKey},
		{"inner tab", "sk-abc\tdef", auth.ErrBadKey},
		{"NUL", "sk-abc\x00def", auth.ErrBadKey},
		{"escape", "\x1b[31msk-abc", auth.ErrBadKey},
		{"delete", "sk-abc\x7f", auth.ErrBadKey},
		{"CJK", "sk-密钥abcdef", auth.ErrBadKey},
		{"typographic quotes", "“sk-abcdef”", auth.ErrBadKey},
		{"zero width space", "sk-abc\u200bdef", auth.ErrBadKey},
		{"byte order mark inside", "sk-abc\ufeffdef", auth.ErrBadKey},
		{"Latin 1", "sk-abc\xe9def", auth.ErrBadKey},
		{"the whole header", "Authorization: Bearer sk-abcdef", auth.ErrBadKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := auth.ParseKey(tt.pasted)
			// The error itself: its text is fixed, so it contains nothing of the input.
			require.Same(t, tt.want, err)
			require.NotContains(t, err.Error(), "abc")
			require.True(t, key.IsZero())
		})
	}
}

func TestKey_IsZero(t *testing.T) {
	require.True(t, auth.Key{}.IsZero())
	require.False(t, parseKey(t, plainKey).IsZero())
}
