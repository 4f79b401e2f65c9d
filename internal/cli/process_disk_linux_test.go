package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestProcess_OutputCannotBeWritten(t *testing.T) {
	tests := []struct {
		args, want string
		created    int // tasks
	}{
		{"get done", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"wait done", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"--help", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"help create", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"--version", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"completion bash", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"models", "xiexus: write /dev/stdout: no space left on device\n", 0},
		{"download film -O -", "cannot write the video: write /dev/stdout: no space left on device\n", 0},
		{"create -q -m m -p p", "xiexus: created task_", 1},
		{"create -q --requests requests.jsonl --concurrency 1", "xiexus: write /dev/stdout: no space left on device", 1},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			relay, _, url := startCDN(t)
			relay.SetModels("m")
			relay.Add("done", xiexustest.Completes(0, video))
			relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
			writeRequests(t, "a")
			full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
			require.NoError(t, err)
			defer func() { _ = full.Close() }()
			p := newProcess(t, strings.Fields(test.args)...)
			p.Stdout = full
			got := p.run(t)
			require.Equal(t, exitOther, got.code, got.err)
			require.Contains(t, got.err, test.want)
			require.Len(t, relay.Created(), test.created)
			for _, id := range relay.Created() { // it is where it can be found
				results, _ := os.ReadFile("requests.jsonl.results")
				require.Contains(t, got.err+string(results), id)
			}
		})
	}
}

// Nothing can be created in /proc, not even by root.
func TestProcess_UnusableFolders(t *testing.T) {
	tests := []struct{ args, want string }{
		{"create -m m -p p --download --dir /proc", "xiexus: --dir: open /proc/"},
		{"create -m m -p p --download --dir /proc/no/such", "xiexus: --dir: mkdir /proc/no: "},
		{"create -m m -p p --download -O /proc/v.mp4", "xiexus: the directory of --output-file: open /proc/"},
		{"create --requests requests.jsonl --download --dir /proc", "xiexus: --dir: open /proc/"},
		{"create --requests requests.jsonl --results /proc/results", "xiexus: --results: open /proc/results: "},
		{"download film --dir /proc", "xiexus: --dir: open /proc/"},
		{"download film --dir requests.jsonl", "xiexus: --dir: mkdir requests.jsonl: not a directory"},
	}
	for _, test := range tests {
		t.Run(test.args, func(t *testing.T) {
			relay := startRelay(t)
			writeRequests(t, "a")
			got := newProcess(t, strings.Fields(test.args)...).run(t)
			require.NotZero(t, got.code)
			require.True(t, strings.HasPrefix(got.err, test.want), got.err)
			require.Equal(t, 1, strings.Count(got.err, "\n"), got.err)
			require.Empty(t, relay.Requests(), "nothing is sent")
		})
	}
}

func TestProcess_FolderVanishes(t *testing.T) {
	v := startHeldVideo(t)
	dir := filepath.Join(t.TempDir(), "videos")
	p := newProcess(t, "download", "film", "--dir", dir)
	require.NoError(t, p.Start())
	requireHeld(t, filepath.Join(dir, "film.mp4.part"))
	require.NoError(t, os.RemoveAll(dir))
	v.release()
	got := p.end(t)
	require.Equal(t, exitOther, got.code, got.err)
	require.Contains(t, got.err, "cannot write the video: ")
	require.NoDirExists(t, dir)
	require.Empty(t, got.out)
}
