package auth_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestStatic_ReturnsTheKey(t *testing.T) {
	source := auth.Static(parseKey(t, plainKey))
	for range 2 {
		key, err := source(t.Context())
		require.NoError(t, err)
		require.Equal(t, "Bearer "+plainKey, authorizationOf(t, key))
	}
}

func TestFunc_IsCalledEachTime(t *testing.T) {
	type mark struct{}
	ctx := context.WithValue(t.Context(), mark{}, "mine")
	results := []string{"sk-first", " Bearer sk-second\n"}
	source := auth.Func(func(got context.Context) (string, error) {
		require.Equal(t, "mine", got.Value(mark{}))
		result := results[0]
		results = results[1:]
		return result, nil
	})
	for _, want := range []string{"Bearer sk-first", "Bearer sk-second"} {
		key, err := source(ctx)
		require.NoError(t, err)
		require.Equal(t, want, authorizationOf(t, key))
	}
}

func TestFunc_Fails(t *testing.T) {
	broken := errors.New("vault sealed")
	tests := []struct {
		name   string
		result string
		err    error
		want   error
	}{
		{"the function's error", "sk-abc", broken, broken},
		{"no key", " ", nil, auth.ErrNoKey},
		{"a bad key", "sk-abc def", nil, auth.ErrBadKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			key, err := auth.Func(func(context.Context) (string, error) { return tt.result, tt.err })(t.Context())
			require.ErrorIs(t, err, tt.want)
			require.NotContains(t, err.Error(), "abc")
			require.True(t, key.IsZero())
		})
	}
}
