//go:build unix

package clustertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// process is a process of the test binary.
type process struct {
	*exec.Cmd
	stderr output
	exited chan struct{}
}

// output collects what a process writes.
type output struct {
	mu sync.Mutex
	bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.Buffer.String()
}

// start starts a process; it is killed when the test ends.
func start(t *testing.T, as string, env []string, args ...string) *process {
	self, err := os.Executable()
	require.NoError(t, err)
	p := &process{Cmd: exec.CommandContext(t.Context(), self, args...), exited: make(chan struct{})}
	p.Env = slices.Concat(os.Environ(), []string{asProcess + "=" + as}, env)
	p.Stderr = &p.stderr
	read, write, err := os.Pipe()
	require.NoError(t, err)
	p.ExtraFiles = []*os.File{read}
	t.Cleanup(func() {
		p.kill()
		_, _ = read.Close(), write.Close()
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(args, " "), p.stderr.String())
		}
	})
	return p
}

// run starts the process in the background.
func (p *process) run(t *testing.T) *process {
	require.NoError(t, p.Start())
	go func() {
		_ = p.Wait()
		close(p.exited)
	}()
	return p
}

// kill sends SIGKILL and waits until the process is gone.
func (p *process) kill() {
	if p.Process != nil {
		_ = p.Process.Kill()
		<-p.exited
	}
}

// cluster is three NATS servers, each a process.
type cluster struct {
	nodes map[string]*process
	urls  string
}

func startCluster(t *testing.T) *cluster {
	const size = 3
	clients, routes := freePorts(t, size), freePorts(t, size)
	c := &cluster{nodes: map[string]*process{}}
	var urls []string
	dir := t.TempDir()
	for i := range size {
		name := fmt.Sprintf("n%d", i+1)
		encoded, err := json.Marshal(node{Name: name, Dir: filepath.Join(dir, name), Port: clients[i], Cluster: routes[i], Peers: routes})
		require.NoError(t, err)
		c.nodes[name] = start(t, string(encoded), nil).run(t)
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", clients[i]))
	}
	c.urls = strings.Join(urls, ",")
	return c
}

// freePorts returns ports that were free a moment ago.
func freePorts(t *testing.T, n int) []int {
	ports := make([]int, n)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		defer func() { _ = listener.Close() }()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports
}
