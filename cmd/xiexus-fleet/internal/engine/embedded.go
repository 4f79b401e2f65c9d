package engine

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/xiexus/xiexus-go/internal/filelock"
)

// embedded is the NATS server of a store directory. Several processes on one machine may use
// the directory: the one that has locked it runs the server, on a loopback port, and when
// that ends, another takes over.
type embedded struct {
	dir    string
	logger *slog.Logger

	lock    *os.File       // held by the process that runs the server
	server  *server.Server // nil in the others
	stop    chan struct{}
	watcher sync.WaitGroup
}

// endpoint is where the server of a directory listens, and the token that it wants: other
// users of the machine cannot read it.
type endpoint struct {
	Address string `json:"address"`
	Token   string `json:"token"`
}

// embeddedURL stands for the endpoint, which is read for each connection.
const embeddedURL = "nats://127.0.0.1"

// watchInterval is how often a process looks whether it must take over.
const watchInterval = 200 * time.Millisecond

func openEmbedded(dir string, logger *slog.Logger) (*embedded, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	e := &embedded{dir: dir, logger: logger, stop: make(chan struct{})}
	return e, e.tryRun()
}

// tryRun starts the server, unless another process runs it.
func (e *embedded) tryRun() error {
	lock, locked, err := filelock.Open(filepath.Join(e.dir, "lock"), 0o666)
	if errors.Is(err, filelock.ErrBusy) {
		return nil
	}
	if err != nil {
		return err
	}
	if !locked {
		_ = lock.Close()
		return fmt.Errorf("%s: the file system has no locks, and two processes could write to the store; use a directory on another file system", e.dir)
	}
	running, err := e.run()
	if err != nil {
		_ = lock.Close()
		return fmt.Errorf("embedded NATS server in %s: %w", e.dir, err)
	}
	e.lock, e.server = lock, running
	return nil
}

// startTime is how long the server may take to read its store.
const startTime = time.Minute

func (e *embedded) run() (*server.Server, error) {
	token := rand.Text()
	s, err := server.NewServer(&server.Options{
		ServerName: "xiexus-fleet", Host: "127.0.0.1", Port: server.RANDOM_PORT, Authorization: token,
		JetStream: true, StoreDir: e.dir, SyncAlways: true, DisableJetStreamBanner: true,
		NoSigs: true,
	})
	if err != nil {
		return nil, err
	}
	s.SetLoggerV2(serverLog{e.logger}, false, false, false)
	s.Start()
	if !s.ReadyForConnections(startTime) {
		s.Shutdown()
		return nil, errors.New("it did not start")
	}
	if err := e.announce(endpoint{Address: s.Addr().String(), Token: token}); err != nil {
		s.Shutdown()
		return nil, err
	}
	return s, nil
}

func (e *embedded) endpointFile() string { return filepath.Join(e.dir, "endpoint.json") }

// announce lets other processes find the server.
func (e *embedded) announce(at endpoint) error {
	content, err := json.Marshal(at)
	if err != nil {
		return err
	}
	temporary := e.endpointFile() + ".new"
	if err := os.WriteFile(temporary, content, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, e.endpointFile())
}

func (e *embedded) endpoint() (at endpoint, err error) {
	content, err := os.ReadFile(e.endpointFile())
	if err == nil {
		err = json.Unmarshal(content, &at)
	}
	return at, err
}

// Dial connects to the server, wherever it listens now.
func (e *embedded) Dial(network, _ string) (net.Conn, error) {
	at, err := e.endpoint()
	if err != nil {
		return nil, err
	}
	return (&net.Dialer{Timeout: 5 * time.Second}).Dial(network, at.Address)
}

func (e *embedded) token() string {
	at, _ := e.endpoint() // then connecting fails
	return at.Token
}

func (e *embedded) options() []nats.Option {
	return []nats.Option{nats.SetCustomDialer(e), nats.TokenHandler(e.token), nats.IgnoreDiscoveredServers()}
}

// keep takes over when the process that runs the server is gone.
func (e *embedded) keep(conn *nats.Conn) {
	if e.server != nil {
		return
	}
	e.watcher.Go(func() {
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		for e.server == nil {
			select {
			case <-e.stop:
				return
			case <-ticker.C:
			}
			if conn.IsConnected() {
				continue
			}
			if err := e.tryRun(); err != nil {
				e.logger.Warn("cannot take over the store", "error", err)
			}
		}
	})
}

func (e *embedded) close() {
	close(e.stop)
	e.watcher.Wait()
	if e.server != nil {
		e.server.Shutdown()
		e.server.WaitForShutdown()
		_ = e.lock.Close()
	}
}

// serverLog receives what the embedded server logs.
type serverLog struct{ logger *slog.Logger }

func (l serverLog) Noticef(format string, v ...any) { l.logger.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Debugf(string, ...any)           {}
func (l serverLog) Tracef(string, ...any)           {}
func (l serverLog) Warnf(format string, v ...any)   { l.logger.Debug(fmt.Sprintf(format, v...)) }
func (l serverLog) Errorf(format string, v ...any)  { l.logger.Warn(fmt.Sprintf(format, v...)) }
func (l serverLog) Fatalf(format string, v ...any)  { l.logger.Error(fmt.Sprintf(format, v...)) }
