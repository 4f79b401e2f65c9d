package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestCreate_ExistingFileIsNoticedBeforeTheTaskIsCreated(t *testing.T) {
	today := time.Now().Format(time.DateOnly)
	for _, test := range []struct {
		name, flags, file string
		code              int
		want              string
	}{
		{"kept", "-O x.mp4 --skip-existing", "x.mp4", 0, "x.mp4 already exists; nothing was submitted\n"},
		{"kept, by name", "--name {prompt}.{ext} --skip-existing", "cat.webm", 0, "cat.webm already exists; nothing was submitted\n"},
		{"kept, by day", "--name {date}.{ext} --skip-existing", today + ".mp4", 0, today + ".mp4 already exists; nothing was submitted\n"},
		{"kept, in a directory", "--name {model}.{ext} --dir d --skip-existing", filepath.Join("d", "m.mov"), 0, filepath.Join("d", "m.mov") + " already exists; nothing was submitted\n"},
		{"kept, under any name", "-O any.name --skip-existing", "any.name", 0, "any.name already exists; nothing was submitted\n"},
		{"error", "-O x.mp4", "x.mp4", exitOther, "create x.mp4: file already exists; use --force to replace it or --skip-existing to keep it"},
		{"error, by name", "--name {prompt}.{ext}", "cat.webm", exitOther, "create cat.webm: file already exists; use --force"},
		{"a directory, by name", "--name {prompt}.{ext} --force", filepath.Join("cat.mp4", "x"), exitUsage, `--name: "cat.mp4" is a directory; use --dir`},
	} {
		t.Run(test.name, func(t *testing.T) {
			relay := startRelay(t)
			keepHistory(t)
			t.Chdir(t.TempDir())
			require.NoError(t, os.MkdirAll(filepath.Dir(test.file), 0o700))
			require.NoError(t, os.WriteFile(test.file, []byte("other"), 0o600))
			got := createPrompt(t, "cat", append([]string{"--download"}, strings.Fields(test.flags)...)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Empty(t, got.out)
			require.Contains(t, got.err, test.want)
			require.Empty(t, relay.Requests())
			require.Empty(t, listTasks(t))
		})
	}
}

func TestCreate_FileThatAppearsLaterIsNotTakenForTheVideo(t *testing.T) {
	for _, flags := range []string{"-O cat.mp4", "-O cat.mp4 --skip-existing", "--name {prompt}.{ext} --dir . --skip-existing"} {
		inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
			keepHistory(t)
			t.Chdir(t.TempDir())
			relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script {
				require.NoError(t, os.WriteFile("cat.mp4", []byte("other"), 0o600))
				return xiexustest.Completes(time.Minute, "")
			})
			got := createPrompt(t, "cat", append([]string{"--download"}, strings.Fields(flags)...)...)
			require.Equal(t, exitOther, got.code, got.err)
			require.Contains(t, got.err, "cat.mp4: file already exists; use --force to replace it or --skip-existing to keep it; "+
				"to save the video under another name: xiexus download "+relay.Created()[0])
			require.Nil(t, listTasks(t)[0]["file"])

			command := got.err[strings.LastIndex(got.err, "xiexus download"):]
			got = runCommand(t.Context(), "", strings.Fields(command)[1:]...)
			require.Equal(t, 0, got.code, got.err)
			require.FileExists(t, relay.Created()[0]+".mp4")
		})
	}
}

func TestList_FileOfATaskThatWasNotReadIsNotRecorded(t *testing.T) {
	startRelay(t)
	keepHistory(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("x.mp4", []byte("other"), 0o600))
	require.Equal(t, 0, createPrompt(t, "cat").code)
	id := listTasks(t)[0]["task_id"].(string)
	got := runCommand(t.Context(), "", "download", id, "-O", "x.mp4", "--skip-existing")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created", listTasks(t)[0]["status"])
	require.Nil(t, listTasks(t)[0]["file"])
}
