package cli

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// serveWith runs serve with flags and sets the environment to use it.
func serveWith(t *testing.T, flags string) {
	ctx, interrupt := context.WithCancel(t.Context())
	out := make(lineWriter, 1)
	code := make(chan int)
	go func() {
		code <- Run(ctx, append([]string{"serve"}, strings.Fields(flags)...), Streams{Network: network, In: strings.NewReader(""), Out: out, Err: new(bytes.Buffer)})
	}()
	line := <-out
	require.Regexp(t, `^export XIEXUS_BASE_URL=http://127.0.0.1:\d+ XIEXUS_API_KEY=\S+\n$`, line)
	for _, assignment := range strings.Fields(line)[1:] {
		name, value, _ := strings.Cut(assignment, "=")
		t.Setenv(name, value)
	}
	t.Cleanup(func() {
		interrupt()
		require.Equal(t, 0, <-code)
	})
}

func TestServe_HasTasks(t *testing.T) {
	serveWith(t, "--dialect stored --tasks 2")
	got := runCommand(t.Context(), "", "get", "task_endless", "task_0002", "-o", "json")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "IN_PROGRESS", got.lines(t)[0]["relay_status"])
}

func TestServe_ListsModels(t *testing.T) {
	serveWith(t, "")
	got := runCommand(t.Context(), "", "models")
	require.Equal(t, result{0, "kling-v1\nsora-2\nveo-3\nviduq1\n", ""}, got)
}

func TestServe_VideosCanBeDownloaded(t *testing.T) {
	for _, flags := range []string{
		"", "--video cdn", "--video content", "--video wrong-host", "--video none", "--video data", "--video expired",
		"--cut 3", "--cut 3 --range=false", "--cut 3 --video content", "--cut 3 --video content --content-range", "--cut 1 --stall",
		"--rate 100k", "--link-life 1h", "--busy 2",
		"--dialect documented", "--dialect stored", "--dialect stored-legacy", "--dialect realtime",
	} {
		t.Run(flags, func(t *testing.T) {
			serveWith(t, "--duration 0 --size 50k "+flags)
			created := runCommand(t.Context(), "", "create", "-m", "model", "-p", "a cat")
			require.Equal(t, 0, created.code, created.err)
			got := runCommand(t.Context(), "", "download", created.lines(t)[0]["task_id"].(string), "-O", "-", "--timeout", "1s")
			require.Equal(t, 0, got.code, got.err)
			want := xiexustest.RandomVideo(50_000)
			content := make([]byte, want.Size)
			_, err := want.ReadAt(content, 0)
			require.NoError(t, err)
			require.True(t, bytes.Equal(content, []byte(got.out)))
		})
	}
}

func TestServe_LosesResponses(t *testing.T) {
	serveWith(t, "--busy 1 --lost 1")
	got := runCommand(t.Context(), "", "create", "-m", "model", "-p", "a cat")
	require.Equal(t, exitUnavailable, got.code, got.err)
	require.Contains(t, got.err, " may ")
	got = runCommand(t.Context(), "", "create", "-m", "model", "-p", "a cat")
	require.Equal(t, 0, got.code, got.err)
}

func TestServe_InvalidFlags(t *testing.T) {
	for _, flags := range []string{
		"--dialect klingon", "--video vhs", "--duration -1s", "--tasks -1", "--cut -1", "--busy -1", "--lost -1", "--link-life -1s",
		"--stored-after -1s", "--stall", "--link-life 1s --video data", "--video data --size 1G", "--size -1", "--rate x", "--addr 127.0.0.1", "--addr 127.0.0.1:99999", "--addr 127.0.0.1:nope",
	} {
		got := runCommand(t.Context(), "", append([]string{"serve"}, strings.Fields(flags)...)...)
		require.Equal(t, exitUsage, got.code, flags)
	}
}

func TestServe_AddressForOtherMachines(t *testing.T) {
	network := func(text string) net.Addr {
		ip, network, err := net.ParseCIDR(text)
		require.NoError(t, err)
		return &net.IPNet{IP: ip, Mask: network.Mask}
	}
	for _, test := range []struct {
		name, want string
		addresses  []net.Addr
	}{
		{"none", "127.0.0.1", nil},
		{"loopback", "127.0.0.1", []net.Addr{network("127.0.0.1/8"), network("::1/128")}},
		{"network", "192.168.1.5", []net.Addr{network("127.0.0.1/8"), network("169.254.3.4/16"), network("fe80::1/64"), network("192.168.1.5/24"), network("10.0.0.1/8")}},
	} {
		t.Run(test.name, func(t *testing.T) { require.Equal(t, test.want, ownAddress(test.addresses).String()) })
	}
}
