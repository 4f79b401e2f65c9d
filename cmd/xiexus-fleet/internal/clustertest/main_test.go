//go:build unix

package clustertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/command"
)

// asProcess is the environment variable that turns the test binary into the command
// ("command"), or into a NATS server with the node in JSON.
const asProcess = "XIEXUS_FLEET_TEST_AS"

func TestMain(m *testing.M) {
	as := os.Getenv(asProcess)
	if as != "" {
		go endWithParent()
	}
	switch as {
	case "":
		os.Exit(m.Run())
	case "command":
		ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(command.Run(ctx, os.Args[1:], command.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	default:
		if err := runNode(as); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

// parentPipe is the file descriptor of a pipe that the parent closes when it ends.
const parentPipe = 3

// endWithParent ends this process when the test has ended, however that happened.
func endWithParent() {
	_, _ = os.NewFile(parentPipe, "parent").Read(make([]byte, 1))
	os.Exit(1)
}

// node is a NATS server of a cluster.
type node struct {
	Name    string
	Dir     string
	Port    int // for clients
	Cluster int // the port for other servers
	Peers   []int
}

// runNode runs a server until the process is killed.
func runNode(encoded string) error {
	var n node
	if err := json.Unmarshal([]byte(encoded), &n); err != nil {
		return err
	}
	options := &server.Options{
		ServerName: n.Name, Host: "127.0.0.1", Port: n.Port, JetStream: true, StoreDir: n.Dir,
		Cluster: server.ClusterOpts{Name: "fleet", Host: "127.0.0.1", Port: n.Cluster},
		NoSigs:  true, DisableJetStreamBanner: true,
	}
	for _, port := range n.Peers {
		options.Routes = append(options.Routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
	}
	s, err := server.NewServer(options)
	if err != nil {
		return err
	}
	s.Start()
	if !s.ReadyForConnections(time.Minute) {
		return fmt.Errorf("server %s did not start", n.Name)
	}
	s.WaitForShutdown()
	return nil
}
