package cli

import (
	"bytes"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// recordCreate makes new tasks complete immediately, and returns where the relay stores
// the last request for one.
func recordCreate(relay *xiexustest.Relay) *gen.CreateVideoRequest {
	var last gen.CreateVideoRequest
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		last = request
		return xiexustest.Completes(0, video)
	})
	return &last
}

func TestCreate_SendsFlags(t *testing.T) {
	relay := startRelay(t)
	sent := recordCreate(relay)
	image := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(image, []byte("\x89PNG"), 0o600))
	got := runCommand(t.Context(), " a cat\non a piano\n", "create", "-m", "kling-v1", "-p", "-", "--image", image, "--duration", "5.5",
		"--width", "1280", "--height", "720", "--fps", "24", "--seed", "7", "--n", "1", "--user", "me", "--metadata", `{"negative_prompt":"people"}`)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created "+relay.Created()[0]+"\n", got.err, "even if standard output cannot be written to")
	require.Equal(t, relay.Created()[0], got.lines(t)[0]["task_id"])
	require.Equal(t, "queued", got.lines(t)[0]["status"])
	require.Equal(t, gen.CreateVideoRequest{
		Model: "kling-v1", Prompt: "a cat\non a piano", Image: base64.StdEncoding.EncodeToString([]byte("\x89PNG")), Duration: 5.5,
		Width: 1280, Height: 720, Fps: 24, Seed: 7, N: 1, User: "me", Metadata: map[string]any{"negative_prompt": "people"},
	}, *sent)

	got = runCommand(t.Context(), "", "create", "-m", "kling-v1", "-p", "x", "--image", "https://i.example.com/1.png", "-o", "table")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "https://i.example.com/1.png", sent.Image)
	require.Contains(t, got.out, relay.Created()[1])
}

func TestCreate_ReadsRequestFile(t *testing.T) {
	relay := startRelay(t)
	sent := recordCreate(relay)
	file := filepath.Join(t.TempDir(), "request.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"model":"m","prompt":"p","seed":7,"width":640,"response_format":"url","metadata":{"a":1}}`), 0o600))
	got := runCommand(t.Context(), "", "create", "--request", file, "--prompt", "another", "--seed", "8", "--image", "https://i.example.com/1.png")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, gen.CreateVideoRequest{
		Model: "m", Prompt: "another", Seed: 8, Width: 640, ResponseFormat: "url", Image: "https://i.example.com/1.png", Metadata: map[string]any{"a": 1.0},
	}, *sent)
	require.NoError(t, os.WriteFile(file, []byte(`{"model":"m","promt":"p"}`), 0o600))
	got = runCommand(t.Context(), "", "create", "--request", file, "--prompt", "p")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "promt")
}

func TestCreate_KeepsLargeNumbersInMetadata(t *testing.T) {
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		content, _ := io.ReadAll(req.Body)
		body = string(content)
		_, _ = io.WriteString(w, `{"task_id":"t","status":"queued"}`)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--base-url", server.URL, "--metadata", `{"seed":12345678901234567890,"f":1.0}`)
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, body, `"seed":12345678901234567890`)
	require.Contains(t, body, `"f":1.0`)
}

func TestCreate_InterruptEndsReadingOfPrompt(t *testing.T) {
	relay := startRelay(t)
	ctx, interrupt := context.WithCancel(t.Context())
	typing, keyboard := io.Pipe()
	defer func() { _ = keyboard.Close() }()
	var out, err bytes.Buffer
	interrupt()
	code := Run(ctx, []string{"create", "-m", "m", "-p", "-"}, Streams{network: network, In: typing, Out: &out, Err: &err})
	require.Equal(t, exitInterrupted, code)
	require.Equal(t, "xiexus: interrupted\n", err.String())
	require.Empty(t, relay.Requests())
}

func TestCreate_WaitsAndDownloads(t *testing.T) {
	relay, _, url := startCDN(t)
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		if request.Prompt == "unsafe" {
			return xiexustest.Fails(0, "unsafe")
		}
		return xiexustest.Completes(0, url, xiexustest.Stored)
	})
	got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "x", "--wait", "--interval", "1s", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created "+relay.Created()[0]+"\n", got.err, "the ID is printed anyway")
	require.Equal(t, "completed", got.lines(t)[0]["status"])

	dir := t.TempDir()
	got = runCommand(t.Context(), "", "create", "-m", "m", "-p", "x", "--download", "--interval", "1s", "-O", filepath.Join(dir, "x.mp4"))
	require.Equal(t, 0, got.code, got.err)
	content, err := os.ReadFile(filepath.Join(dir, "x.mp4"))
	require.NoError(t, err)
	require.Len(t, content, film)

	got = runCommand(t.Context(), "", "create", "-m", "m", "-p", "unsafe", "--download", "--interval", "1s", "--dir", dir)
	require.Equal(t, exitTaskFailed, got.code, got.err)
}

func TestCreate_InterruptSaysHowToResume(t *testing.T) {
	relay := startRelay(t)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(time.Hour, video) })
	for goal, command := range map[string]string{"--wait": "wait", "--download": "download"} {
		ctx, interrupt := context.WithCancel(t.Context())
		got := runAndInterrupt(ctx, "created", interrupt, "create", "-m", "m", "-p", "x", goal)
		require.Equal(t, exitInterrupted, got.code)
		id := relay.Created()[len(relay.Created())-1]
		require.Contains(t, got.err, "created "+id+"\n")
		require.Contains(t, got.err, "; to resume: xiexus "+command+" "+id+"\n")
	}
}

func TestCreate_Errors(t *testing.T) {
	relay := startRelay(t)
	tests := []struct {
		line   string
		faults []xiexustest.Fault
		code   int
		want   string
		posts  int
	}{
		{"create -m m", nil, exitUsage, "--prompt", 0},
		{"create -p p", nil, exitUsage, "--model", 0},
		{"create -m m -p -", nil, exitUsage, "prompt is required", 0},
		{"create -m m -p p --metadata [1]", nil, exitUsage, "JSON object", 0},
		{"create -m m -p p --metadata null", nil, exitUsage, "JSON object", 0},
		{"create -m m -p p --image /no/such/file", nil, exitUsage, "no such file", 0},
		{"create -m m -p p --download --dir /no/such/dir", nil, exitUsage, "no such", 0},
		{"create -m m -p p --duration -5", nil, exitUsage, "negative", 0},
		{"create -m m -p p --duration NaN", nil, exitUsage, "--duration must be", 0},
		{"create -m m -p p --duration Inf", nil, exitUsage, "--duration must be", 0},
		{"create -m m -p p --fps -1", nil, exitUsage, "negative", 0},
		{"create -m m -p p -O f.mp4", nil, exitUsage, "--output-file requires --download", 0},
		{"create -m m -p p --wait --skip-existing", nil, exitUsage, "--skip-existing requires --download", 0},
		{"create -m m -p p --max-wait 1m", nil, exitUsage, "--max-wait requires --wait", 0},
		{"create -m m -p p --download -O . --force", nil, exitUsage, "is a directory", 0},
		{"create -m m -p p --request /no/such/file", nil, exitUsage, "--request", 0},
		{"create -m m -p p --download --force --skip-existing", nil, exitUsage, "skip-existing", 0},
		{"create -m m -p p extra", nil, exitUsage, "unknown command", 0},
		{"create -m m -p p", []xiexustest.Fault{{Cut: true}}, exitUnavailable, " may ", 1},
		{"create -m m -p p", []xiexustest.Fault{{Status: http.StatusForbidden}}, exitKeyRejected, "403", 1},
		{"create -m m -p p --max-retries 0", []xiexustest.Fault{{Status: http.StatusTooManyRequests}}, exitUnavailable, "429", 1},
		{"create -m m -p p --base-url http://127.0.0.1:1 --max-retries 0", nil, exitUnavailable, "refused", 0},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			before := len(relay.Requests())
			relay.FailCreates(test.faults...)
			got := runCommand(t.Context(), "", strings.Fields(test.line)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.want)
			require.Len(t, relay.Requests(), before+test.posts)
			require.Empty(t, got.out)
		})
	}
}
