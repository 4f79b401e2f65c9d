package fetch

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// names lists a folder.
func names(t *testing.T, folder string) []string {
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	list := []string{}
	for _, entry := range entries {
		list = append(list, entry.Name())
	}
	return list
}

func open(t *testing.T, path, taskID string, overwrite bool) *File {
	file, err := OpenFile(path, taskID, overwrite)
	require.NoError(t, err)
	return file
}

func held(t *testing.T, file *File) (string, Identity) {
	reader, identity := file.Held()
	content, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(content), identity
}

func write(t *testing.T, file *File, text string) {
	_, err := io.WriteString(file, text)
	require.NoError(t, err)
}

func TestAFileAppearsWhenItIsWhole(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	file := open(t, path, "task", false)
	write(t, file, "half")
	require.Equal(t, []string{"v.mp4.part"}, names(t, folder))
	write(t, file, " and half")
	require.NoError(t, file.Commit())
	require.Equal(t, []string{"v.mp4"}, names(t, folder))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "half and half", string(content))
}

func TestAFileIsTakenUp(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	known := Identity{Validator: `"a"`, Size: 10}
	file := open(t, path, "task", false)
	require.NoError(t, file.Note(known))
	write(t, file, "half")
	require.NoError(t, file.Close())
	require.NoFileExists(t, path)

	file = open(t, path, "task", false)
	content, identity := held(t, file)
	require.Equal(t, "half", content)
	require.Equal(t, known, identity)
	write(t, file, "+rest")
	content, _ = held(t, file)
	require.Equal(t, "half+rest", content)
	require.NoError(t, file.Restart())
	content, identity = held(t, file)
	require.Empty(t, content)
	require.Equal(t, Identity{Size: -1}, identity)
	write(t, file, "new")
	require.NoError(t, file.Close())

	file = open(t, path, "another task", false)
	content, identity = held(t, file)
	require.Empty(t, content)
	require.Equal(t, Identity{Size: -1}, identity)
	require.NoError(t, file.Discard())
	require.Empty(t, names(t, folder))
}

func TestABrokenStateBeginsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	file := open(t, path, "task", false)
	write(t, file, "half")
	require.NoError(t, file.Close())
	require.NoError(t, os.WriteFile(filepath.Join(path+".part", "state.json"), []byte(`{"task_id":"ta`), 0o600))
	file = open(t, path, "task", false)
	content, _ := held(t, file)
	require.Empty(t, content)
	require.NoError(t, file.Discard())
}

func TestFilesThatExist(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	_, err := OpenFile(path, "task", false)
	require.ErrorIs(t, err, fs.ErrExist)
	require.Equal(t, []string{"v.mp4"}, names(t, folder))

	file := open(t, path, "task", true)
	write(t, file, "new")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(content))
	require.NoError(t, file.Commit())
	content, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
	require.Equal(t, []string{"v.mp4"}, names(t, folder))

	other := filepath.Join(folder, "w.mp4")
	file = open(t, other, "task", false)
	write(t, file, "mine")
	require.NoError(t, os.WriteFile(other, []byte("theirs"), 0o600)) // came in between
	require.ErrorIs(t, file.Commit(), fs.ErrExist)
	content, err = os.ReadFile(other)
	require.NoError(t, err)
	require.Equal(t, "theirs", string(content))
	require.DirExists(t, other+".part", "nothing is lost")
}

func TestPathsThatCannotBe(t *testing.T) {
	folder := t.TempDir()
	blocked := filepath.Join(folder, "b.mp4")
	require.NoError(t, os.WriteFile(blocked+".part", []byte("someone's"), 0o600))
	linked, precious := filepath.Join(folder, "l.mp4"), filepath.Join(folder, "precious")
	require.NoError(t, os.WriteFile(precious, []byte("someone's"), 0o600))
	require.NoError(t, os.Mkdir(linked+".part", 0o700))
	require.NoError(t, os.Symlink(precious, filepath.Join(linked+".part", "video")))
	elsewhere := filepath.Join(folder, "e.mp4")
	require.NoError(t, os.Symlink(t.TempDir(), elsewhere+".part"))
	nowhere := filepath.Join(folder, "n.mp4")
	require.NoError(t, os.Symlink(filepath.Join(folder, "nothing"), nowhere+".part"))
	link := filepath.Join(folder, "null")
	require.NoError(t, os.Symlink(os.DevNull, link))
	tests := []struct {
		name, path string
		overwrite  bool
	}{
		{"none", "", false},
		{"a folder", folder, true},
		{"in no folder", filepath.Join(folder, "no", "v.mp4"), false},
		{"a foreign part", blocked, false},
		{"no regular file", link, true},
		{"a part that leads to a file elsewhere", linked, false},
		{"a part that leads to a folder elsewhere", elsewhere, false},
		{"a part that leads nowhere", nowhere, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := OpenFile(test.path, "task", test.overwrite)
			require.ErrorIs(t, err, ErrTarget)
		})
	}
	for _, name := range []string{blocked + ".part", precious} {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "someone's", string(content))
	}
}

func TestOneTransferAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	file := open(t, path, "task", false)
	_, err := OpenFile(path, "task", false)
	require.ErrorIs(t, err, ErrBusy)
	require.NoError(t, file.Close())
	file = open(t, path, "task", false)
	require.NoError(t, file.Discard())
}

func TestFilesInARaceAreWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	whole := strings.Repeat("x", 10_000)
	var racers sync.WaitGroup
	for range 4 {
		racers.Go(func() {
			for range 200 {
				file, err := OpenFile(path, "task", true)
				if errors.Is(err, ErrBusy) {
					continue
				}
				if !assert.NoError(t, err) {
					return
				}
				_, err = file.Write([]byte(whole))
				assert.NoError(t, err)
				assert.NoError(t, file.Commit())
				content, err := os.ReadFile(path)
				assert.NoError(t, err)
				assert.Len(t, content, len(whole))
			}
		})
	}
	racers.Wait()
	require.Equal(t, []string{"v.mp4"}, names(t, filepath.Dir(path)))
}
