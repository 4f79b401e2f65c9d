//go:build clockjump

package clockjump

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/internal/interrupt"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// The environment variables that make the test binary a program whose clock jumps.
const (
	role    = "XIEXUS_TEST_ROLE" // one of those below
	jumping = "XIEXUS_TEST_CLOCK_JUMP"

	asCommand = "command"
	asPoller  = "poller" // polls once with a cursor, and prints the next one
	asClock   = "clock"  // prints how far its clocks have moved
)

const key = "sk-clock-key"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case asCommand:
		os.Exit(cli.Run(interrupt.Context(context.Background()), os.Args[1:], cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
	case asPoller:
		if err := poll(context.Background(), os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case asClock:
		began := time.Now()
		time.Sleep(time.Second)
		now := time.Now()
		fmt.Println(now.Sub(began), now.Round(0).Sub(began.Round(0)))
	default:
		os.Exit(m.Run())
	}
}

// poll polls once, as a worker of a job queue does.
func poll(ctx context.Context, stored string) error {
	var cursor xiexus.Cursor
	if err := json.Unmarshal([]byte(stored), &cursor); err != nil {
		return err
	}
	client, err := xiexus.New()
	if err != nil {
		return err
	}
	if _, cursor, err = client.Poll(ctx, cursor); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(cursor)
}

// jump is a change of the wall clock of a program, some time after its start.
type jump struct {
	after, by time.Duration
}

// result is what became of a program.
type result struct {
	code     int
	out, err string
	took     time.Duration
}

// machine is where programs run: they have a relay and a directory of their own.
type machine struct {
	relay  *xiexustest.Relay
	url    string
	folder string
}

func newMachine(t *testing.T) machine {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	server := httptest.NewServer(relay)
	t.Cleanup(server.Close)
	t.Cleanup(relay.Close)
	return machine{relay, server.URL, t.TempDir()}
}

// run runs a program whose clock jumps.
func (m machine) run(t *testing.T, as string, jump jump, line string) result {
	self, err := os.Executable()
	require.NoError(t, err)
	p := exec.CommandContext(t.Context(), self, strings.Fields(line)...)
	p.Dir = m.folder
	p.Env = append(os.Environ(),
		role+"="+as, jumping+"="+jump.after.String()+" "+jump.by.String(), "XIEXUS_CONFIG="+os.DevNull, history.Env+"="+m.folder+"/history",
		xiexus.EnvAPIKey+"="+key, xiexus.EnvBaseURL+"="+m.url)
	var out, errs bytes.Buffer
	p.Stdout, p.Stderr = &out, &errs
	began := time.Now()
	if err := p.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return result{p.ProcessState.ExitCode(), out.String(), errs.String(), time.Since(began)}
}

// forEachJump runs a test with jumps forward and backward, all at the same time: each test
// waits most of the time.
func forEachJump(t *testing.T, after time.Duration, test func(*testing.T, jump)) {
	t.Parallel()
	const year = 365 * 24 * time.Hour
	for _, by := range []time.Duration{6 * time.Hour, -6 * time.Hour, 10 * year, -10 * year} {
		t.Run(by.String(), func(t *testing.T) {
			t.Parallel()
			test(t, jump{after, by})
		})
	}
}
