package auth_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// numbered returns the Keys of a function that returns another key each time.
func numbered() (keys *auth.Keys, next func(*testing.T) string) {
	calls := 0
	source := auth.Func(func(context.Context) (string, error) {
		calls++
		return fmt.Sprintf("sk-number-%06d", calls), nil
	})
	keys = auth.NewKeys(source)
	return keys, func(t *testing.T) string {
		t.Helper()
		_, err := keys.Key(t.Context())
		require.NoError(t, err)
		return fmt.Sprintf("number-%06d", calls)
	}
}

func TestKeys_RemembersTheLatestOnes(t *testing.T) {
	keys, next := numbered()
	require.False(t, keys.In("number-000001"), "not known yet")
	var used []string
	for range 20 {
		used = append(used, next(t))
	}
	for i, key := range used {
		require.Equal(t, i >= 4, keys.In(key), key)
	}
	require.Equal(t, used[3]+" [redacted] [redacted]", keys.RedactString(used[3]+" "+used[4]+" "+used[19]))
}

func TestKeys_RemembersWhatIsUsedAgain(t *testing.T) {
	results := []string{"sk-the-first-one"}
	for i := range 15 {
		results = append(results, fmt.Sprintf("sk-number-%06d", i), "sk-the-first-one")
	}
	results = append(results, "sk-last-last-last")
	keys := auth.NewKeys(auth.Func(func(context.Context) (string, error) {
		result := results[0]
		results = results[1:]
		return result, nil
	}))
	for len(results) > 0 {
		_, err := keys.Key(t.Context())
		require.NoError(t, err)
	}
	require.True(t, keys.In("the-first-one"))
	require.False(t, keys.In("number-000000"), "replaced")
	require.True(t, keys.In("number-000001"))
}

func TestKeys_KnowsAKeyInAdvance(t *testing.T) {
	key := parseKey(t, plainKey)
	keys := auth.NewKeys(auth.Static(key), key)
	require.Equal(t, "[redacted]", keys.RedactString(bareKey))
	requireHidden(t, dump(keys))
	requireHidden(t, fmt.Sprintf("%v %+v %#v", keys, keys, keys))
}

func TestKeys_ReturnsErrorsOfTheSource(t *testing.T) {
	sealed := errors.New("vault sealed")
	_, err := auth.NewKeys(func(context.Context) (auth.Key, error) { return auth.Key{}, sealed }).Key(t.Context())
	require.ErrorIs(t, err, sealed)
	key, err := auth.NewKeys(auth.Static(auth.Key{})).Key(t.Context())
	require.NoError(t, err)
	require.True(t, key.IsZero())
}

// For the race detector.
func TestKeys_IsSafeForConcurrentUse(t *testing.T) {
	first, second := parseKey(t, plainKey), parseKey(t, "sk-another-another")
	var mu sync.Mutex
	turn := false
	keys := auth.NewKeys(func(context.Context) (auth.Key, error) {
		mu.Lock()
		defer mu.Unlock()
		if turn = !turn; turn {
			return first, nil
		}
		return second, nil
	})
	var users sync.WaitGroup
	for range 8 {
		users.Go(func() {
			for range 50 {
				_, _ = keys.Key(t.Context())
				_ = keys.RedactString(plainKey)
			}
		})
	}
	users.Wait()
	require.True(t, keys.In(bareKey))
	require.True(t, keys.In("another-another"))
}
