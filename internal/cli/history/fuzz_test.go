package history

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Whatever is in the files of a history, its entries can be read, and stay when another is
// recorded.
func FuzzRead(f *testing.F) {
	const line = `{"key":"a","submitted_at":"2026-01-01T00:00:00Z","state":"created","task_id":"t","base_url":"u","model":"m","prompt":"p"}` + "\n"
	for _, content := range []string{"", line, line + line, line + line[:40], "{}\n", "null\n[]\n1\n", `{"key":"a","state":5}` + "\n" + line, "GIF89a"} {
		f.Add([]byte(content), []byte(line))
	}
	f.Fuzz(func(t *testing.T, current, old []byte) {
		if len(current) > 0 {
			current = append(current, '\n') // the next entry replaces a line that is cut
		}
		dir := t.TempDir()
		require.NoError(t, os.WriteFile(filepath.Join(dir, currentName), current, 0o600))
		require.NoError(t, os.WriteFile(filepath.Join(dir, oldName), old, 0o600))
		before, err := Read(t.Context(), dir)
		require.NoError(t, err)
		require.LessOrEqual(t, len(before), bytes.Count(current, []byte("\n"))+bytes.Count(old, []byte("\n"))+1)
		keys := map[string]bool{}
		for _, entry := range before {
			require.NotEmpty(t, entry.Key)
			require.False(t, keys[entry.Key], "%q twice", entry.Key)
			keys[entry.Key] = true
		}

		added := openHistory(t, dir).Begin(t.Context(), Entry{BaseURL: "u", Prompt: "p"})
		after, err := Read(t.Context(), dir)
		require.NoError(t, err)
		require.Equal(t, append(before, added), after)
	})
}
