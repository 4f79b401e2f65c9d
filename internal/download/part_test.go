package download

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// leave stores what an earlier transfer of "task" has left next to a path.
func leave(t *testing.T, path, content, state string) {
	part := partDir(path + partSuffix)
	require.NoError(t, os.MkdirAll(string(part), 0o700))
	require.NoError(t, os.WriteFile(part.file(videoName), []byte(content), 0o600))
	require.NoError(t, os.WriteFile(part.file(stateName), []byte(state), 0o600))
}

func TestToFile_ResumesAfterAnAccident(t *testing.T) {
	const known = `"task_id":"task","validator":"\"a\"","size":1048576`
	half := string(video[:500_000])
	wrong := strings.Repeat("00", 32)
	tests := []struct {
		name, held, state string
		requests          []request
	}{
		{"nothing", half, `{` + known + `}`, []request{{500_000 - 64<<10, `"a"`}}},
		{"a tail of zeros", half + strings.Repeat("\x00", 200_000), `{` + known + `}`, []request{{500_000 - 64<<10, `"a"`}}},
		{"a spoiled last block", half[:499_000] + strings.Repeat("?", 1000), `{` + known + `}`, []request{{500_000 - 64<<10, `"a"`}}},
		{"zeros everywhere", strings.Repeat("\x00", 200_000), `{` + known + `}`, []request{{}}},
		{"less than a block", half[:1000], `{` + known + `}`, []request{{}}},
		{"a size below what is held", half, `{"task_id":"task","validator":"\"a\"","size":1000}`, []request{{}}},
		{"a negative size", half, `{"task_id":"task","validator":"\"a\"","size":-7}`, []request{{}}},
		{"no size", half, `{"task_id":"task","validator":"\"a\""}`, []request{{}}},
		{"another size", half, `{"task_id":"task","validator":"\"a\"","size":2000000}`, []request{{500_000 - 64<<10, `"a"`}, {}}},
		{"an invalid validator", half, `{"task_id":"task","validator":"a\nb","size":1048576}`, []request{{}}},
		{"another validator", half, `{"task_id":"task","validator":"\"b\"","size":1048576}`, []request{{500_000 - 64<<10, `"b"`}}},
		{"an invalid checksum", half, `{` + known + `,"checksum":"sha-256=zz"}`, []request{{}}},
		{"another checksum", half, `{` + known + `,"checksum":"sha-256=` + wrong + `"}`, []request{{500_000, `"a"`}, {}}},
		{"not JSON", half, `{` + known, []request{{}}},
		{"a page instead of a video", strings.Repeat("<html>", 50_000), `{` + known + `}`, []request{{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "v.mp4")
				leave(t, path, test.held, test.state)
				o := &origin{content: video, tag: `"a"`, ranges: true}
				result, err := newTransfer(o).ToFile(t.Context(), File{Path: path, ID: "task"})
				require.NoError(t, err)
				require.Equal(t, path, result.Path)
				require.Equal(t, test.requests, o.requests)
				got, err := os.ReadFile(path)
				require.NoError(t, err)
				require.True(t, bytes.Equal(video, got))
			})
		})
	}
}

// An attempt that receives nothing costs nothing of what is held.
func TestToFile_KeepsTheLastBlockUntilMoreIsWritten(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	leave(t, path, string(video[:500_000]), `{"task_id":"task","validator":"\"a\"","size":1048576}`)
	for range 3 {
		o := &origin{content: video, tag: `"a"`, ranges: true, breaks: repeat(0, 3)}
		transfer := newTransfer(o)
		transfer.Retry.MaxRetries = 0
		_, err := transfer.ToFile(t.Context(), File{Path: path, ID: "task"})
		require.ErrorIs(t, err, ErrIncomplete)
		require.Equal(t, []request{{500_000 - 64<<10, `"a"`}}, o.requests)
	}
}

func TestToFile_KeepsWhatItCannotRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	leave(t, path, string(video[:500_000]), `{"task_id":"task","validator":"\"a\"","size":1048576}`)
	f := open(t, path, "task", false)
	require.NoError(t, f.video.Close())
	var err error
	f.video, err = os.OpenFile(f.part.file(videoName), os.O_WRONLY, 0o600) // a disk that cannot be read
	require.NoError(t, err)
	result, err := newTransfer(&origin{content: video}).copyTo(t.Context(), f)
	require.ErrorIs(t, f.end(err), ErrTarget)
	require.Zero(t, result.Received)
	held, err := os.ReadFile(f.part.file(videoName))
	require.NoError(t, err)
	require.Len(t, held, 500_000)
}

// The part directory may have been checked before the link was there.
func TestPartDir_FollowsNoLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // creating links takes a privilege
	}
	folder := t.TempDir()
	precious := filepath.Join(folder, "precious")
	require.NoError(t, os.WriteFile(precious, []byte(`{"task_id":"task"}`), 0o600))
	part := partDir(filepath.Join(folder, "v.mp4.part"))
	require.NoError(t, os.Mkdir(string(part), 0o700))
	for _, name := range []string{videoName, stateName, stateName + newSuffix} {
		require.NoError(t, os.Symlink(precious, part.file(name)))
	}
	_, err := part.open(videoName, os.O_RDWR|os.O_CREATE|os.O_APPEND)
	require.Error(t, err)
	_, err = part.readState()
	require.Error(t, err)
	require.Error(t, part.writeState(state{TaskID: "mine"}))
	content, err := os.ReadFile(precious)
	require.NoError(t, err)
	require.Equal(t, `{"task_id":"task"}`, string(content))
}

func TestSoundSize(t *testing.T) {
	const block = 64 << 10
	for _, test := range []struct{ size, zeros, want int64 }{
		{0, 0, 0}, {1, 0, 0}, {block, 0, 0}, {block + 1, 0, 1}, {3 * block, 0, 2 * block}, {3 * block, 2*block + 5, 2 * block}, {0, 3 * block, 0},
	} {
		t.Run(fmt.Sprint(test), func(t *testing.T) {
			name := filepath.Join(t.TempDir(), "v")
			content := strings.Repeat("x", int(test.size)) + strings.Repeat("\x00", int(test.zeros))
			require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
			file, err := os.Open(name)
			require.NoError(t, err)
			defer func() { _ = file.Close() }()
			got, err := soundSize(file, test.size+test.zeros)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
		})
	}
}
