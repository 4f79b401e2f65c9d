package cli

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// oddPlaces makes what the tests of targets need in the current directory.
func oddPlaces(t *testing.T) {
	for _, dir := range []string{"dir", "film.mp4.part", "other.mp4.part/mine"} {
		require.NoError(t, os.MkdirAll(dir, 0o700))
	}
	for _, file := range []string{"file", "FILM.MP4", "blocked.mp4.part"} {
		require.NoError(t, os.WriteFile(file, []byte("mine"), 0o600))
	}
	for name, target := range map[string]string{
		"link": "file", "dirlink": "dir", "dangling": "nothing", "loop": "loop", "nulllink": os.DevNull, "up": "..",
	} {
		require.NoError(t, os.Symlink(target, name))
	}
	require.NoError(t, syscall.Mkfifo("pipe", 0o600))
	listener, err := new(net.ListenConfig).Listen(t.Context(), "unix", "socket")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
}

// snapshot describes all that is in the current directory.
func snapshot(t *testing.T) map[string]string {
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(".", func(path string, entry os.DirEntry, err error) error {
		if err != nil || path == "." {
			return err
		}
		found[path] = entry.Type().String()
		if entry.Type().IsRegular() {
			content, err := os.ReadFile(path)
			found[path] += string(content)
			return err
		}
		return nil
	}))
	return found
}

func TestDownload_RejectsOddTargets(t *testing.T) {
	long := strings.Repeat("x", 256)
	tests := []struct {
		name string
		args []string
		code int
		want string
	}{
		{"directory", []string{"-O", "dir"}, exitUsage, `"dir" is a directory; use --dir`},
		{"directory to replace", []string{"-O", "dir", "--force"}, exitUsage, `"dir" is a directory`},
		{"directory to skip", []string{"-O", "dir", "--skip-existing"}, exitUsage, `"dir" is a directory`},
		{"current directory", []string{"-O", "."}, exitUsage, `"." is a directory`},
		{"parent directory", []string{"-O", ".."}, exitUsage, `".." is a directory`},
		{"way back", []string{"-O", "dir/.."}, exitUsage, `"dir/.." is a directory`},
		{"root", []string{"-O", "/"}, exitUsage, `"/" is a directory`},
		{"slash at the end", []string{"-O", "new/"}, exitUsage, "stat new: no such file or directory"},
		{"existing file", []string{"-O", "file"}, exitOther, "use --force to replace it"},
		{"file as a directory", []string{"-O", "file/v.mp4"}, exitUsage, "not a directory"},
		{"pipe as a directory", []string{"-O", "pipe/v.mp4"}, exitUsage, "not a directory"},
		{"missing directory", []string{"-O", "no/v.mp4"}, exitUsage, "no such file or directory"},
		{"loop as a directory", []string{"-O", "loop/v.mp4"}, exitUsage, "too many levels of symbolic links"},
		{"pipe", []string{"-O", "pipe"}, exitOther, "file already exists"},
		{"pipe to replace", []string{"-O", "pipe", "--force"}, exitUsage, "not a regular file"},
		{"socket", []string{"-O", "socket"}, exitOther, "file already exists"},
		{"socket to replace", []string{"-O", "socket", "--force"}, exitUsage, "not a regular file"},
		{"null device", []string{"-O", os.DevNull}, exitOther, "file already exists"},
		{"full device", []string{"-O", "/dev/full", "--force"}, exitUsage, "not a regular file"},
		{"link", []string{"-O", "link"}, exitOther, "file already exists"},
		{"link to replace", []string{"-O", "link", "--force"}, exitUsage, "not a regular file"},
		{"link to a directory", []string{"-O", "dirlink"}, exitOther, "file already exists"},
		{"dangling link", []string{"-O", "dangling"}, exitOther, "file already exists"},
		{"dangling link to replace", []string{"-O", "dangling", "--force"}, exitUsage, "not a regular file"},
		{"loop", []string{"-O", "loop", "--force"}, exitUsage, "not a regular file"},
		{"link to a device", []string{"-O", "nulllink", "--force"}, exitUsage, "not a regular file"},
		{"name that is too long", []string{"-O", long}, exitUsage, "file name too long"},
		{"name that is too long with its suffix", []string{"-O", long[:254]}, exitOther, "file name too long"},
		{"directory whose name is too long", []string{"--dir", long}, exitUsage, "file name too long"},
		{"zero in the name", []string{"-O", "a\x00b"}, exitUsage, "invalid argument"},
		{"file as a part directory", []string{"-O", "blocked.mp4"}, exitOther, `"blocked.mp4.part" is not a directory`},
		{"part directory", []string{"-O", "other.mp4.part"}, exitUsage, "is a directory"},
		{"directory in which nothing can be created", []string{"--dir", "/proc/self"}, exitOther, "--dir: open /proc/self/"},
		{"directory that is a file", []string{"--dir", "file"}, exitUsage, "not a directory"},
		{"directory that is a dangling link", []string{"--dir", "dangling"}, exitUsage, "mkdir dangling: file exists"},
		{"directory that is a loop", []string{"--dir", "loop"}, exitUsage, "mkdir loop: file exists"},
		{"directory that is a pipe", []string{"--dir", "pipe"}, exitUsage, "not a directory"},
		{"directory that is a device", []string{"--dir", os.DevNull}, exitUsage, "not a directory"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay, cdn, url := startCDN(t)
			relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
			t.Chdir(t.TempDir())
			oddPlaces(t)
			before := snapshot(t)
			got := runCommand(t.Context(), "", append([]string{"download", "film", "--max-retries", "0"}, test.args...)...)
			require.Contains(t, got.err, test.want)
			require.Equal(t, test.code, got.code, got.err)
			require.Empty(t, got.out)
			require.Empty(t, cdn.Requests())
			require.Equal(t, before, snapshot(t))
		})
	}
}

func TestDownload_SavesToOddTargets(t *testing.T) {
	tests := []struct {
		name string
		args []string
		file string
	}{
		{"line break", []string{"-O", "a\nb.mp4"}, "a\nb.mp4"},
		{"control characters", []string{"-O", "a\x1b[2Jb.mp4"}, "a\x1b[2Jb.mp4"},
		{"other bytes", []string{"-O", "a\xffb.mp4"}, "a\xffb.mp4"},
		{"composed and decomposed", []string{"-O", "e\u0301.mp4"}, "e\u0301.mp4"},
		{"longest name", []string{"-O", strings.Repeat("x", 250)}, strings.Repeat("x", 250)},
		{"dot at the end", []string{"-O", "film."}, "film."},
		{"blank at the end", []string{"-O", "film "}, "film "},
		{"blank", []string{"-O", " "}, " "},
		{"dash", []string{"-O=-x.mp4"}, "-x.mp4"},
		{"reserved by Windows", []string{"-O", "con.mp4"}, "con.mp4"},
		{"name that is a suffix", []string{"-O", ".part"}, ".part"},
		{"hidden", []string{"-O", ".film.mp4"}, ".film.mp4"},
		{"way around", []string{"-O", "dir/../dir/./film.mp4"}, "dir/film.mp4"},
		{"slashes", []string{"-O", "dir///film.mp4"}, "dir/film.mp4"},
		{"through a link", []string{"-O", "dirlink/film.mp4"}, "dir/film.mp4"},
		{"directory that is a link", []string{"--dir", "dirlink"}, "dir/film.mp4"},
		{"next to a twin in capitals", []string{"-O", "film.mp4"}, "film.mp4"},
		{"with an empty part directory", nil, "film.mp4"},
		{"existing file to replace", []string{"-O", "file", "--force"}, "file"},
		{"several directories that are missing", []string{"--dir", "new/a/b"}, "new/a/b/film.mp4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay, _, url := startCDN(t)
			relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
			t.Chdir(t.TempDir())
			oddPlaces(t)
			want := snapshot(t)
			got := runCommand(t.Context(), "", append([]string{"download", "film"}, test.args...)...)
			require.Equal(t, 0, got.code, got.err)
			require.NotContains(t, got.err+got.out, "\x1b")
			require.Len(t, got.lines(t), 1)
			content, err := os.ReadFile(test.file)
			require.NoError(t, err)
			require.True(t, bytes.Equal(filmBytes(t), content))
			require.NoError(t, os.RemoveAll(test.file))
			left := snapshot(t)
			for path := range want {
				if path != test.file && path != "film.mp4.part" {
					require.Equal(t, want[path], left[path], path)
				}
			}
		})
	}
}

func TestDownload_CurrentDirectoryIsGone(t *testing.T) {
	relay, cdn, url := startCDN(t)
	relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
	gone := filepath.Join(t.TempDir(), "gone")
	require.NoError(t, os.Mkdir(gone, 0o700))
	t.Chdir(gone)
	require.NoError(t, os.Remove(gone))
	for _, args := range []string{"download film", "download film -O v.mp4", "download film --dir new", "create -m m -p p --download"} {
		got := runCommand(t.Context(), "", strings.Fields(args)...)
		require.NotZero(t, got.code)
		require.Contains(t, got.err, "no such file or directory")
	}
	require.Empty(t, cdn.Requests())
	require.Empty(t, relay.Created())
}
