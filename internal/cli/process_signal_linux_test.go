package cli

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestProcess_InterruptThatTheShellIgnores(t *testing.T) {
	for _, test := range []struct {
		name, trap string
		signal     syscall.Signal
		code       int
	}{
		{"interrupt", "", syscall.SIGINT, exitInterrupted},
		{"ignored interrupt", `trap "" INT; `, syscall.SIGINT, 0},
		{"request to terminate", `trap "" INT; `, syscall.SIGTERM, exitInterrupted},
	} {
		t.Run(test.name, func(t *testing.T) {
			received, respond := make(chan struct{}), make(chan struct{})
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				close(received)
				select {
				case <-respond:
					_, _ = io.WriteString(w, `{"task_id":"film","status":"completed","url":"`+video+`"}`)
				case <-req.Context().Done():
				}
			}))
			defer server.Close()
			t.Setenv(xiexus.EnvAPIKey, testKey)
			t.Setenv(xiexus.EnvBaseURL, server.URL)

			p := newProcess(t, "get", "film")
			shell := exec.CommandContext(t.Context(), "sh", append([]string{"-c", test.trap + `exec "$0" "$@"`}, p.Args...)...)
			shell.Env, shell.Stdout, shell.Stderr = p.Env, p.Stdout, p.Stderr
			p.Cmd = shell
			require.NoError(t, p.Start())
			<-received
			require.NoError(t, p.Process.Signal(test.signal))
			if test.code == 0 {
				close(respond)
			}
			got := p.end(t)
			require.Equal(t, test.code, got.code, got.err)
		})
	}
}

func TestProcess_InterruptedWhileItReadsAPipe(t *testing.T) {
	for _, test := range []struct{ name, args string }{
		{"configuration", "get film --profile p"},
		{"key", "get film --api-key-file pipe"},
		{"IDs", "wait @pipe"},
		{"IDs to get", "get @pipe"},
		{"request", "create --request pipe"},
		{"requests", "create --requests pipe"},
	} {
		t.Run(test.name, func(t *testing.T) {
			startRelay(t)
			t.Chdir(t.TempDir())
			require.NoError(t, syscall.Mkfifo("pipe", 0o600))
			if test.name == "configuration" {
				t.Setenv(envConfig, "pipe")
			}
			p := newProcess(t, strings.Fields(test.args)...)
			require.NoError(t, p.Start())
			pipe, err := os.OpenFile("pipe", os.O_WRONLY, 0) // returns when the process opens it too
			require.NoError(t, err)
			defer func() { _ = pipe.Close() }()
			require.NoError(t, p.Process.Signal(os.Interrupt))
			got := p.end(t)
			require.Equal(t, exitInterrupted, got.code, got.err)
			require.Contains(t, got.err, "interrupted")
		})
	}
}
