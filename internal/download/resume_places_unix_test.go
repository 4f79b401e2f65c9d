//go:build unix

package download

import (
	"net"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// What is where the files of an earlier transfer should be: none of it is opened, written to
// or removed, and none of it blocks.
func TestToFile_RejectsOddParts(t *testing.T) {
	directory := func(t *testing.T, name string) { require.NoError(t, os.MkdirAll(filepath.Join(name, "mine"), 0o700)) }
	pipe := func(t *testing.T, name string) { require.NoError(t, syscall.Mkfifo(name, 0o600)) }
	socket := func(t *testing.T, name string) {
		t.Chdir(filepath.Dir(name)) // the path of a socket must be short
		listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", filepath.Base(name))
		require.NoError(t, err)
		t.Cleanup(func() { _ = listener.Close() })
	}
	link := func(target string) func(*testing.T, string) {
		return func(t *testing.T, name string) { require.NoError(t, os.Symlink(target, name)) }
	}
	kinds := []struct {
		name string
		make func(t *testing.T, name string)
	}{
		{"directory", directory},
		{"pipe", pipe},
		{"socket", socket},
		{"link to a file", link("../precious")},
		{"link to a directory", link("..")},
		{"link to nothing", link("nothing")},
		{"link to itself", func(t *testing.T, name string) { link(filepath.Base(name))(t, name) }},
		{"link to a device", link(os.DevNull)},
	}
	for _, file := range []string{videoName, stateName, stateName + newSuffix, lockName} {
		for _, kind := range kinds {
			t.Run(file+"/"+kind.name, func(t *testing.T) {
				folder := t.TempDir()
				precious, path := filepath.Join(folder, "precious"), filepath.Join(folder, "v.mp4")
				require.NoError(t, os.WriteFile(precious, []byte("mine"), 0o600))
				name := partDir(path + partSuffix).file(file)
				require.NoError(t, os.Mkdir(path+partSuffix, 0o700))
				kind.make(t, name)
				before, err := os.Lstat(name)
				require.NoError(t, err)
				requireRejected(t, path)
				after, err := os.Lstat(name)
				require.NoError(t, err)
				require.True(t, os.SameFile(before, after))
				content, err := os.ReadFile(precious)
				require.NoError(t, err)
				require.Equal(t, "mine", string(content))
			})
		}
	}
	for _, kind := range kinds[1:] {
		t.Run("part directory/"+kind.name, func(t *testing.T) {
			folder := t.TempDir()
			path := filepath.Join(folder, "v.mp4")
			kind.make(t, path+partSuffix)
			requireRejected(t, path)
			require.Equal(t, []string{"v.mp4.part"}, names(t, folder))
		})
	}
}

// requireRejected checks that a download ends before anything is requested.
func requireRejected(t *testing.T, path string) {
	o := &origin{content: video, tag: `"a"`, ranges: true}
	synctest.Test(t, func(t *testing.T) {
		_, err := newTransfer(o).ToFile(t.Context(), File{Path: path, ID: "task"})
		require.ErrorIs(t, err, ErrTarget)
	})
	require.Empty(t, o.requests)
	require.NoFileExists(t, path)
}

// Files of others in the part directory stay.
func TestToFile_KeepsOtherFilesInThePartDirectory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "v.mp4")
		leave(t, path, string(video[:500_000]), `{"task_id":"task","validator":"\"a\"","size":1048576}`)
		notes := filepath.Join(path+partSuffix, "notes.txt")
		require.NoError(t, os.WriteFile(notes, []byte("mine"), 0o600))
		_, err := newTransfer(&origin{content: video, tag: `"a"`, ranges: true}).ToFile(t.Context(), File{Path: path, ID: "task"})
		require.NoError(t, err)
		require.FileExists(t, path)
		require.Equal(t, []string{"notes.txt"}, names(t, path+partSuffix))
	})
}
