package download

import (
	"errors"
	"fmt"
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

func open(t *testing.T, path, taskID string, overwrite bool) *file {
	file, err := openFile(File{Path: path, ID: taskID, Overwrite: overwrite})
	require.NoError(t, err)
	return file
}

func writtenTo(t *testing.T, file *file) (string, Version) {
	reader, version := file.written()
	content, err := io.ReadAll(reader)
	require.NoError(t, err)
	return string(content), version
}

func write(t *testing.T, file *file, text string) {
	_, err := io.WriteString(file, text)
	require.NoError(t, err)
}

func TestFile_AppearsWhenPublished(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	file := open(t, path, "task", false)
	write(t, file, "half")
	require.Equal(t, []string{"v.mp4.part"}, names(t, folder))
	write(t, file, " and half")
	require.NoError(t, file.publish())
	require.Equal(t, []string{"v.mp4"}, names(t, folder))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "half and half", string(content))
}

func TestFile_Resumes(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	known := Version{Validator: `"a"`, Size: 10, Checksum: checksumOf(digestOf(nil), true)}
	file := open(t, path, "task", false)
	require.NoError(t, file.note(known))
	write(t, file, "half")
	require.NoError(t, file.close())
	require.NoFileExists(t, path)

	file = open(t, path, "task", false)
	content, version := writtenTo(t, file)
	require.Equal(t, "half", content)
	require.Equal(t, known, version)
	write(t, file, "+rest")
	content, _ = writtenTo(t, file)
	require.Equal(t, "half+rest", content)
	require.NoError(t, file.restart())
	content, version = writtenTo(t, file)
	require.Empty(t, content)
	require.Equal(t, Version{Size: -1}, version)
	write(t, file, "new")
	require.NoError(t, file.close())

	file = open(t, path, "another task", false)
	content, version = writtenTo(t, file)
	require.Empty(t, content)
	require.Equal(t, Version{Size: -1}, version)
	require.NoError(t, file.discard())
	require.Empty(t, names(t, folder))
}

func TestFile_RestartsWithABrokenState(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	file := open(t, path, "task", false)
	write(t, file, "half")
	require.NoError(t, file.close())
	require.NoError(t, os.WriteFile(filepath.Join(path+".part", "state.json"), []byte(`{"task_id":"ta`), 0o600))
	file = open(t, path, "task", false)
	content, _ := writtenTo(t, file)
	require.Empty(t, content)
	require.NoError(t, file.discard())
}

func TestFile_ReplacesOnlyIfAllowed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "v.mp4")
	require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
	_, err := openFile(File{Path: path, ID: "task"})
	require.ErrorIs(t, err, fs.ErrExist)
	require.Equal(t, []string{"v.mp4"}, names(t, folder))

	file := open(t, path, "task", true)
	write(t, file, "new")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "old", string(content))
	require.NoError(t, file.publish())
	content, err = os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
	require.Equal(t, []string{"v.mp4"}, names(t, folder))

	other := filepath.Join(folder, "w.mp4")
	file = open(t, other, "task", false)
	write(t, file, "mine")
	require.NoError(t, os.WriteFile(other, []byte("theirs"), 0o600)) // meanwhile
	require.ErrorIs(t, file.publish(), fs.ErrExist)
	content, err = os.ReadFile(other)
	require.NoError(t, err)
	require.Equal(t, "theirs", string(content))
	require.DirExists(t, other+".part", "nothing is lost")
}

func TestOpenFile_RejectsPaths(t *testing.T) {
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
		{"empty", "", false},
		{"a folder", folder, true},
		{"in a missing folder", filepath.Join(folder, "no", "v.mp4"), false},
		{"a file as the part directory", blocked, false},
		{"not a regular file", link, true},
		{"a link to a file in the part directory", linked, false},
		{"a link to a folder as the part directory", elsewhere, false},
		{"a dangling link as the part directory", nowhere, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := openFile(File{Path: test.path, ID: "task", Overwrite: test.overwrite})
			require.ErrorIs(t, err, ErrTarget)
		})
	}
	for _, name := range []string{blocked + ".part", precious} {
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, "someone's", string(content))
	}
}

func TestOpenFile_RejectsASecondTransfer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	file := open(t, path, "task", false)
	_, err := openFile(File{Path: path, ID: "task"})
	require.ErrorIs(t, err, errBusy)
	require.NoError(t, file.close())
	file = open(t, path, "task", false)
	require.NoError(t, file.discard())
}

// publish saves a file, and checks that it is complete even if others save it too.
func publish(path, content string) error {
	file, err := openFile(File{Path: path, ID: "task", Overwrite: true})
	if err != nil {
		return err
	}
	if _, err := file.Write([]byte(content)); err != nil {
		return err
	}
	if err := file.publish(); err != nil {
		return err
	}
	saved, err := os.ReadFile(path)
	if err == nil && string(saved) != content {
		err = fmt.Errorf("%d bytes instead of %d", len(saved), len(content))
	}
	return err
}

func TestFile_IsCompleteInARace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "v.mp4")
	whole := strings.Repeat("x", 10_000)
	var racers sync.WaitGroup
	for range 4 {
		racers.Go(func() {
			for range 200 {
				if err := publish(path, whole); !errors.Is(err, errBusy) {
					assert.NoError(t, err)
				}
			}
		})
	}
	racers.Wait()
	require.Equal(t, []string{"v.mp4"}, names(t, filepath.Dir(path)))
}
