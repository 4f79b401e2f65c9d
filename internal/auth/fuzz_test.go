package auth_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func FuzzParseKey(f *testing.F) {
	for _, seed := range []string{
		"", " ", "sk-abc", " sk-abc\r\n", "Bearer sk-abc", "bearer  sk-abc", "BEARER\tsk-abc", `"Bearer sk-abc"`,
		`'sk-abc'`, `"'sk-abc'"`, `'"sk-abc"'`, `Bearer "sk-abc"`, "Bearer", "Bearer Bearer", `"`, `''`,
		"sk-a b", "sk-\x00", "sk-\x7f", "sk-é", "\xff", "\u200bsk-abc", "\u00a0sk-abc\u00a0",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		key, err := auth.ParseKey(pasted)
		require.Equal(t, err != nil, key.IsZero())
		if err != nil {
			// Compared by identity: "the API" is an input too.
			want := auth.ErrBadKey
			if errors.Is(err, auth.ErrNoKey) {
				want = auth.ErrNoKey
			}
			require.Same(t, want, err)
			return
		}
		header := authorizationOf(t, key)
		text, found := strings.CutPrefix(header, "Bearer ")
		require.True(t, found)
		require.NotEmpty(t, text)
		require.Contains(t, pasted, text)
		require.Equal(t, -1, strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r >= 0x7f }))

		bare, err := auth.ParseKey(text)
		require.NoError(t, err)
		require.Equal(t, header, authorizationOf(t, bare))
		again, err := auth.ParseKey(header)
		require.NoError(t, err)
		require.Equal(t, header, authorizationOf(t, again))
		require.Equal(t, auth.Redacted, key.String())
	})
}
