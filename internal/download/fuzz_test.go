package download

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// Whatever the stored state of a partial download is, the file that appears is the video.
// What the state can be wrong about is what makes a server send all of it again.
func FuzzToFile_StoredState(f *testing.F) {
	for _, stored := range []string{
		`{"task_id":"task","validator":"\"a\"","size":200000}`,
		`{"task_id":"task","validator":"\"a\"","size":9223372036854775807}`,
		`{"task_id":"task","validator":"\"a\"\r\nx","size":200000}`,
		`{"task_id":"task","validator":"\"a\"","size":200000,"checksum":"sha-256=` + string(bytes.Repeat([]byte("00"), 32)) + `"}`,
		`{"task_id":"other","size":200000}`, `{"task_id":"task","size":-1}`, `null`, `[`, ``,
	} {
		f.Add([]byte(stored), 150_000, 0)
		f.Add([]byte(stored), 200_000, 0)
		f.Add([]byte(stored), 100_000, 70_000)
	}
	content := film("0123456789abcdef", 200_000)
	f.Fuzz(func(t *testing.T, stored []byte, held, zeros int) {
		if held < 0 || zeros < 0 || held > len(content) || zeros > len(content) {
			return
		}
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "v.mp4")
			leave(t, path, string(content[:held])+string(make([]byte, zeros)), string(stored))
			server := &origin{content: content, tag: `"a"`, ranges: true}
			result, err := newTransfer(server).ToFile(t.Context(), File{Path: path, ID: "task"})
			require.LessOrEqual(t, len(server.requests), 4)
			if err != nil {
				require.NoFileExists(t, path)
				return
			}
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, got))
			require.Equal(t, int64(len(content)), result.Size)
			require.Equal(t, []string{"v.mp4"}, names(t, filepath.Dir(path)))
		})
	})
}
