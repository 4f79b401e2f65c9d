package cli

import (
	"bytes"
	"context"
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

// recordBodies serves a relay that accepts everything and returns the bodies it received.
func recordBodies(t *testing.T) *[]string {
	var bodies []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		content, _ := io.ReadAll(req.Body)
		bodies = append(bodies, string(content))
		_, _ = io.WriteString(w, `{"task_id":"t","status":"queued"}`)
	}))
	t.Cleanup(server.Close)
	t.Setenv("XIEXUS_API_KEY", testKey)
	t.Setenv("XIEXUS_BASE_URL", server.URL)
	return &bodies
}

const (
	png  = "\x89PNG\r\n\x1a\n"
	jpeg = "\xff\xd8\xff\xe0"
)

func TestCreate_SendsFlags(t *testing.T) {
	relay := startRelay(t)
	sent := recordCreate(relay)
	got := runCommand(t.Context(), " a cat\non a piano\n", "create", "-m", "kling-v1", "-p", "-", "--image", "https://i.example.com/1.png?a=b&c=d",
		"--duration", "5", "--width", "1280", "--height", "720", "--fps", "24", "--seed", "7", "--n", "1", "--user", "me", "--mode", "pro",
		"--input-reference", "https://i.example.com/2.png", "--metadata", `{"negative_prompt":"people"}`)
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, "created "+relay.Created()[0]+"\n", got.err)
	require.Equal(t, relay.Created()[0], got.lines(t)[0]["task_id"])
	require.Equal(t, "queued", got.lines(t)[0]["status"])
	require.Equal(t, gen.CreateVideoRequest{
		Model: "kling-v1", Prompt: "a cat\non a piano", Image: "https://i.example.com/1.png?a=b&c=d", Duration: 5, Seconds: "5",
		Width: 1280, Height: 720, Size: "1280x720", Fps: 24, Seed: 7, N: 1, User: "me", Mode: "pro",
		InputReference: "https://i.example.com/2.png", Metadata: map[string]any{"negative_prompt": "people"},
	}, *sent)

	got = runCommand(t.Context(), "", "create", "-m", "kling-v1", "-p", "x", "--size", "16:9", "--seconds", "8", "--duration", "10", "-o", "table")
	require.Equal(t, 0, got.code, got.err)
	require.Equal(t, gen.CreateVideoRequest{Model: "kling-v1", Prompt: "x", Size: "16:9", Seconds: "8", Duration: 10}, *sent)
	require.Contains(t, got.out, relay.Created()[1])
}

func TestCreate_IsQuiet(t *testing.T) {
	inVirtualTime(t, func(t *testing.T, relay *xiexustest.Relay) {
		recordCreate(relay)
		for _, line := range []string{"create -m m -p x -q", "create -m m -p x --wait -q"} {
			got := runCommand(t.Context(), "", strings.Fields(line)...)
			require.Equal(t, 0, got.code, got.err)
			require.Empty(t, got.err)
			require.Equal(t, relay.Created()[len(relay.Created())-1], got.lines(t)[0]["task_id"])
		}
	})
}

func TestCreate_NamesTheTaskThatItCannotPrint(t *testing.T) {
	relay := startRelay(t)
	var errs bytes.Buffer
	code := Run(t.Context(), []string{"create", "-m", "m", "-p", "x", "-q"}, Streams{Network: network, In: strings.NewReader(""), Out: fullDisk{}, Err: &errs})
	require.Equal(t, exitOther, code)
	require.Contains(t, errs.String(), relay.Created()[0])
}

func TestCreate_ReadsRequestFile(t *testing.T) {
	tests := []struct {
		name, file string
		args       []string
		want       string // besides the model and the prompt
		note       string
	}{
		{"documented fields", `{"seed":7,"width":640,"metadata":{"a":1.0}}`, nil, `,"seed":7,"width":640,"metadata":{"a":1.0}`, ""},
		{"fields of vendors", `{"images":["https://i.example.com/1","https://i.example.com/2"],"seconds":"8","mode":"pro","size":"1280x720"}`, nil,
			`,"images":["https://i.example.com/1","https://i.example.com/2"],"seconds":"8","mode":"pro","size":"1280x720"`, ""},
		{"zeros", `{"seed":0,"n":0,"user":"","duration":0}`, nil, `,"seed":0,"n":0,"user":"","duration":0`, ""},
		{"a zero as a flag", `{"seed":7}`, []string{"--seed", "0", "--n=0"}, `,"seed":0,"n":0`, ""},
		{"null", `{"seed":null}`, nil, `,"seed":null`, ""},
		{"unknown fields", `{"cfg_scale":0.50,"camera":{"pan":[-1]},"Seed":1}`, nil, `,"cfg_scale":0.50,"camera":{"pan":[-1]},"Seed":1`, "Seed camera cfg_scale"},
		{"an unknown field with a control character", `{"a\u001b[31mb":1}`, nil, `,"a\u001b[31mb":1`, "not known here"},
		{"number as text, text as number", `{"seed":"7","seconds":8}`, nil, `,"seed":7,"seconds":"8"`, ""},
		{"text that is like JSON", `{"prompt":"null","user":"[1]"}`, nil, `,"prompt":"null","user":"[1]"`, ""},
		{"one image as a list", `{"images":"https://i.example.com/1"}`, nil, `,"images":["https://i.example.com/1"]`, ""},
		{"flags take precedence", `{"seed":7,"mode":"std"}`, []string{"--seed", "8", "-p", "another"}, `,"seed":8,"mode":"std","prompt":"another"`, ""},
		{"image instead of images", `{"images":["https://i.example.com/1"]}`, []string{"--image", "https://i.example.com/2"}, `,"image":"https://i.example.com/2"`, ""},
		{"large numbers", `{"seed":9007199254740993,"big":12345678901234567890}`, nil, `,"seed":9007199254740993,"big":12345678901234567890`, "big"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			bodies := recordBodies(t)
			file := filepath.Join(t.TempDir(), "request.json")
			require.NoError(t, os.WriteFile(file, []byte(`{"model":"m","prompt":"p",`+test.file[1:]), 0o600))
			got := runCommand(t.Context(), "", append([]string{"create", "--request", file}, test.args...)...)
			require.Equal(t, 0, got.code, got.err)
			require.JSONEq(t, `{"model":"m","prompt":"p"`+test.want+`}`, (*bodies)[0])
			if strings.Contains(test.want, `"big"`) {
				require.Contains(t, (*bodies)[0], `"big":12345678901234567890`)
				require.Contains(t, (*bodies)[0], `"seed":9007199254740993`)
			}
			require.Equal(t, test.note != "", strings.Contains(got.err, "note: "), got.err)
			require.Contains(t, got.err, test.note)
			require.NotContains(t, got.err, "\x1b")
		})
	}
}

func TestCreate_KeepsLargeNumbersInMetadata(t *testing.T) {
	bodies := recordBodies(t)
	got := runCommand(t.Context(), "", "create", "-m", "m", "-p", "p", "--metadata", `{"seed":12345678901234567890,"f":1.0}`)
	require.Equal(t, 0, got.code, got.err)
	require.Contains(t, (*bodies)[0], `"metadata":{"seed":12345678901234567890,"f":1.0}`)
}

func TestCreate_InterruptEndsReadingOfPrompt(t *testing.T) {
	relay := startRelay(t)
	ctx, interrupt := context.WithCancel(t.Context())
	typing, keyboard := io.Pipe()
	defer func() { _ = keyboard.Close() }()
	var out, err bytes.Buffer
	interrupt()
	code := Run(ctx, []string{"create", "-m", "m", "-p", "-"}, Streams{Network: network, In: typing, Out: &out, Err: &err})
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
	require.Empty(t, got.err)
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
		{"create -m m -p p --image-as jpeg", nil, exitUsage, "--image-as must be data or base64", 0},
		{"create -m m -p p --duration 7.5", nil, exitUsage, "whole number of seconds", 0},
		{"create -m m -p p --seconds 7.5", nil, exitUsage, "whole number", 0},
		{"create -m m -p p --seed x", nil, exitUsage, "--seed", 0},
		{"create -m m -p p --rate-limit -1", nil, exitUsage, "--rate-limit must not be negative", 0},
		{"create -m m -p p --rate-limit NaN", nil, exitUsage, "--rate-limit must not be negative", 0},
		{"create -m m -p p\xca\xd3", nil, exitUsage, "UTF-8", 0},
		{"create -m m -p p --metadata {\"a\":\"\xca\xd3\"}", nil, exitUsage, "UTF-8", 0},
		{"create -m m -p p --results r", nil, exitUsage, "--results requires --requests", 0},
		{"create --requests /no/such/file", nil, exitUsage, "--requests: open /no/such/file", 0},
		{"create --requests a --request b", nil, exitUsage, "cannot be used together", 0},
		{"create -m m -p p --download --dir /dev/null/dir", nil, exitUsage, "not a directory", 0},
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
		{"create -m m -p p extra", nil, exitUsage, `create takes no arguments, got "extra"`, 0},
		{"create -m m -p p", []xiexustest.Fault{{Cut: true}}, exitUnavailable, " may ", 1},
		{"create -m m -p p", []xiexustest.Fault{{Status: http.StatusForbidden, Body: `{"error":{"message":"no access","type":"new_api_error"}}`}}, exitKeyRejected, "403", 1},
		{"create -m m -p p", []xiexustest.Fault{{Status: http.StatusForbidden}}, exitUnavailable, "the relay's own key", 1},
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
