package main

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

func TestCreate(t *testing.T) {
	relay := served(t)
	var asked gen.CreateVideoRequest
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		asked = request
		return xiexustest.Completes(0, video)
	})
	picture := filepath.Join(t.TempDir(), "p.png")
	require.NoError(t, os.WriteFile(picture, []byte("\x89PNG"), 0o600))
	got := xiexusCommand(t.Context(), " a cat\non a piano\n", "create", "-m", "kling-v1", "-p", "-", "--image", picture, "--duration", "5.5",
		"--width", "1280", "--height", "720", "--fps", "24", "--seed", "7", "--n", "1", "--user", "me", "--metadata", `{"negative_prompt":"people"}`)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created "+relay.Created()[0]+"\n", got.err, "even if standard output cannot be written to")
	require.Equal(t, relay.Created()[0], got.lines(t)[0]["task_id"])
	require.Equal(t, "queued", got.lines(t)[0]["status"])
	require.Equal(t, gen.CreateVideoRequest{
		Model: "kling-v1", Prompt: "a cat\non a piano", Image: base64.StdEncoding.EncodeToString([]byte("\x89PNG")), Duration: 5.5,
		Width: 1280, Height: 720, Fps: 24, Seed: 7, N: 1, User: "me", Metadata: map[string]any{"negative_prompt": "people"},
	}, asked)

	got = xiexusCommand(t.Context(), "", "create", "-m", "kling-v1", "-p", "x", "--image", "https://i.example.com/1.png", "-o", "table")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "https://i.example.com/1.png", asked.Image)
	require.Contains(t, got.out, relay.Created()[1])
}

func TestCreateFromAFile(t *testing.T) {
	relay := served(t)
	var asked gen.CreateVideoRequest
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		asked = request
		return xiexustest.Completes(0, video)
	})
	file := filepath.Join(t.TempDir(), "request.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"model":"m","prompt":"p","seed":7,"width":640,"response_format":"url","metadata":{"a":1}}`), 0o600))
	got := xiexusCommand(t.Context(), "", "create", "--request", file, "--prompt", "another", "--seed", "8", "--image", "https://i.example.com/1.png")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, gen.CreateVideoRequest{
		Model: "m", Prompt: "another", Seed: 8, Width: 640, ResponseFormat: "url", Image: "https://i.example.com/1.png", Metadata: map[string]any{"a": 1.0},
	}, asked)
	require.NoError(t, os.WriteFile(file, []byte(`{"model":"m","promt":"p"}`), 0o600))
	got = xiexusCommand(t.Context(), "", "create", "--request", file, "--prompt", "p")
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "promt")
}

func TestMetadataKeepsLargeNumbers(t *testing.T) {
	var body string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		content, _ := io.ReadAll(req.Body)
		body = string(content)
		_, _ = io.WriteString(w, `{"task_id":"t","status":"queued"}`)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	got := xiexusCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--base-url", server.URL, "--metadata", `{"seed":12345678901234567890,"f":1.0}`)
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, body, `"seed":12345678901234567890`)
	require.Contains(t, body, `"f":1.0`)
}

func TestAnInterruptWhileThePromptIsRead(t *testing.T) {
	relay := served(t)
	ctx, interrupt := context.WithCancel(t.Context())
	typing, keyboard := io.Pipe()
	defer keyboard.Close()
	var out, err bytes.Buffer
	interrupt()
	code := run(ctx, []string{"create", "-m", "m", "-p", "-"}, streams{in: typing, out: &out, err: &err})
	require.Equal(t, 130, code)
	require.Equal(t, "xiexus: interrupted\n", err.String())
	require.Empty(t, relay.Requests())
}

func TestATaskThatAnotherProcessHasJustSubmitted(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		relay.StoreAfter(5 * time.Second)
		relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(0, video) })
		got := xiexusCommand(t.Context(), "", "create", "-m", "m", "-p", "p")
		require.Equal(t, 0, got.code, got.err)
		require.Equal(t, 4, xiexusCommand(t.Context(), "", "wait", relay.Created()[0]).code)
		require.Equal(t, 0, xiexusCommand(t.Context(), "", "wait", relay.Created()[0], "--just-submitted").code)
	})
}

func TestCreateGoesOnToTheEnd(t *testing.T) {
	relay, _, url := servedVideos(t)
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		if request.Prompt == "unsafe" {
			return xiexustest.Fails(0, "unsafe")
		}
		return xiexustest.Completes(0, url, xiexustest.Stored)
	})
	got := xiexusCommand(t.Context(), "", "create", "-m", "m", "-p", "x", "--wait", "-q")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created "+relay.Created()[0]+"\n", got.err, "the id is told even so")
	require.Equal(t, "completed", got.lines(t)[0]["status"])

	folder := t.TempDir()
	got = xiexusCommand(t.Context(), "", "create", "-m", "m", "-p", "x", "--download", "-O", filepath.Join(folder, "x.mp4"))
	require.Equal(t, 0, got.code, got.err)
	content, err := os.ReadFile(filepath.Join(folder, "x.mp4"))
	require.NoError(t, err)
	require.Len(t, content, film)

	got = xiexusCommand(t.Context(), "", "create", "-m", "m", "-p", "unsafe", "--download", "--dir", folder)
	require.Equal(t, 3, got.code, got.err)
}

func TestAnInterruptedCreateHasToldTheID(t *testing.T) {
	relay := served(t)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script { return xiexustest.Completes(time.Hour, video) })
	for goal, says := range map[string]string{"--wait": "to go on: xiexus wait ", "--download": "to go on where it stopped: xiexus download "} {
		ctx, interrupt := context.WithCancel(t.Context())
		got := interruptedCommand(ctx, "created", interrupt, "create", "-m", "m", "-p", "x", goal)
		require.Equal(t, 130, got.code)
		id := relay.Created()[len(relay.Created())-1]
		require.Contains(t, got.err, "created "+id+"\n")
		require.Contains(t, got.err, says+id+" --just-submitted\n", "a relay may not have stored it yet")
	}
}

func TestCreatesThatCannotBe(t *testing.T) {
	relay := served(t)
	tests := []struct {
		line   string
		faults []xiexustest.Fault
		code   int
		says   string
		sent   int
	}{
		{"create -m m", nil, 2, "--prompt", 0},
		{"create -p p", nil, 2, "--model", 0},
		{"create -m m -p -", nil, 2, "no prompt", 0},
		{"create -m m -p p --metadata [1]", nil, 2, "JSON object", 0},
		{"create -m m -p p --metadata null", nil, 2, "JSON object", 0},
		{"create -m m -p p --image /no/such/file", nil, 2, "no such file", 0},
		{"create -m m -p p --download --dir /no/such/folder", nil, 2, "no such", 0},
		{"create -m m -p p --duration -5", nil, 2, "negative", 0},
		{"create -m m -p p -O f.mp4", nil, 2, "--output-file goes with --download", 0},
		{"create -m m -p p --wait --skip-existing", nil, 2, "--skip-existing goes with --download", 0},
		{"create -m m -p p --max-wait 1m", nil, 2, "--max-wait goes with --wait", 0},
		{"create -m m -p p --download -O . --force", nil, 2, "is a folder", 0},
		{"create -m m -p p --request /no/such/file", nil, 2, "--request", 0},
		{"create -m m -p p --download --force --skip-existing", nil, 2, "skip-existing", 0},
		{"create -m m -p p extra", nil, 2, "unknown command", 0},
		{"create -m m -p p", []xiexustest.Fault{{Cut: true}}, 7, "may exist and be charged", 1},
		{"create -m m -p p", []xiexustest.Fault{{Status: http.StatusForbidden}}, 5, "403", 1},
		{"create -m m -p p --max-retries 0", []xiexustest.Fault{{Status: http.StatusTooManyRequests}}, 7, "429", 1},
		{"create -m m -p p --base-url http://127.0.0.1:1 --max-retries 0", nil, 7, "refused", 0},
	}
	for _, test := range tests {
		t.Run(test.line, func(t *testing.T) {
			before := len(relay.Requests())
			relay.FailCreates(test.faults...)
			got := xiexusCommand(t.Context(), "", strings.Fields(test.line)...)
			require.Equal(t, test.code, got.code, got.err)
			require.Contains(t, got.err, test.says)
			require.Len(t, relay.Requests(), before+test.sent)
			require.Empty(t, got.out)
		})
	}
}
