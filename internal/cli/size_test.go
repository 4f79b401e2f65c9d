package cli

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSize(t *testing.T) {
	for text, want := range map[string]int64{
		"0": 0, "1": 1, "1500": 1500, "1k": 1000, "1K": 1000, "1KB": 1000, "1KiB": 1024, "1.5 M": 1_500_000, "500M": 500_000_000,
		"20MB": 20_000_000, "2MiB": 2 << 20, "1GiB": 1 << 30, "3g": 3_000_000_000, "1TiB": 1 << 40,
	} {
		var s size
		require.NoError(t, s.Set(text), text)
		require.EqualValues(t, want, s, text)
	}
	for _, text := range []string{"", "k", "-1", "1x", "NaN", "1e30", "99999999T", "9223372036854775808"} {
		var s size
		require.Error(t, s.Set(text), text)
	}
}
