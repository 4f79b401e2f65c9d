package cli

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestBatch_OneRunAtATime(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a")
	var second result
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
		second = createRequests(t)
		return xiexustest.Completes(0, video)
	})
	require.Equal(t, 0, createRequests(t).code)
	require.Equal(t, exitUsage, second.code)
	require.Contains(t, second.err, "requests.jsonl.results: locked by another process")
	require.Len(t, relay.Requests(), 1)
}

// An editor replaces the file that it saves: what is recorded from then on would be in a file
// without a name, and the next run would submit those requests again.
func TestBatch_ResultsFileIsEditedDuringARun(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a", "b", "c", "d")
	var submitted []string
	relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		if submitted = append(submitted, request.Prompt); request.Prompt == "b" {
			content, err := os.ReadFile("requests.jsonl.results")
			if err == nil && os.WriteFile("edited", content, 0o600) == nil {
				_ = os.Rename("edited", "requests.jsonl.results") // fails on Windows, where the file is not lost either
			}
		}
		return xiexustest.Completes(0, video)
	})
	got := createRequests(t, "--concurrency", "1", "-q")
	if runtime.GOOS != "windows" {
		require.Equal(t, exitOther, got.code, got.err)
		require.Equal(t, "line 2: created "+relay.Created()[1]+"\nxiexus: --results: requests.jsonl.results: another program has changed the file, and tasks may be"+
			` missing from it; compare it with "xiexus list" before you run the command again; 2 of 4 requests were not submitted`+"\n", got.err)
	}
	createRequests(t, "--concurrency", "1")
	require.Equal(t, []string{"a", "b", "c", "d"}, submitted)
}

func TestBatch_ResultsFile(t *testing.T) {
	const valid = `{"request":"x","line":1,"state":"created","task_id":"t","at":"2026-01-01T00:00:00Z"}` + "\n"
	tests := []struct {
		name, content, want string // want is empty if the file is used
	}{
		{"empty", "", ""},
		{"of other requests", valid, ""},
		{"cut in the last line", valid + valid[:30], ""},
		{"cut at the start of a line", valid + `{"re`, ""},
		{"another file", "model,prompt\n", "line 1 is not a result of an earlier run; use another file"},
		{"another file without lines", "GIF89a", "not a file with the results"},
		{"requests", `{"model":"m","prompt":"p"}` + "\n", "line 1 is not a result"},
		{"requests without an end of line", `{"model":"m","prompt":"p"}`, "not a file with the results"},
		{"damaged", valid + valid[:30] + "\n" + valid, "line 2 is not a result"},
		{"unknown state", strings.Replace(valid, "created", "maybe", 1), "line 1 is not a result"},
		{"no request", strings.Replace(valid, `"x"`, `""`, 1), "line 1 is not a result"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			relay := startRelay(t)
			writeRequests(t, "a")
			require.NoError(t, os.WriteFile("requests.jsonl.results", []byte(test.content), 0o600))
			got := createRequests(t)
			content, err := os.ReadFile("requests.jsonl.results")
			require.NoError(t, err)
			if test.want != "" {
				require.Equal(t, exitUsage, got.code, got.err)
				require.Contains(t, got.err, test.want)
				require.Equal(t, test.content, string(content), "it is not touched")
				require.Empty(t, relay.Requests())
				return
			}
			require.Equal(t, 0, got.code, got.err)
			require.Contains(t, states(t), "created")
			require.True(t, strings.HasPrefix(string(content), strings.TrimSuffix(test.content, valid[:30])[:len(test.content)/len(valid)*len(valid)]))
		})
	}
}

func TestBatch_ResultsCannotBeWritten(t *testing.T) {
	relay := startRelay(t)
	writeRequests(t, "a", "b", "c")
	for _, file := range []string{"/no/such/dir/results", "."} {
		got := createRequests(t, "--results", file)
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, "--results: ")
	}
	require.Empty(t, relay.Requests())

	var errs bytes.Buffer
	a := newApp(Streams{In: strings.NewReader(""), Out: io.Discard, Err: &errs}, nil)
	a.client.concurrency, a.output.quiet = 1, true
	options := &createOptions{batch: batchOptions{file: "requests.jsonl"}}
	requests, err := a.readRequests(t.Context(), options, requestfile.Fields{})
	require.NoError(t, err)
	client, err := a.newClient(t.Context())
	require.NoError(t, err)
	b, err := a.newBatch(client, options, requests)
	require.NoError(t, err)
	relay.OnCreate(func(gen.CreateVideoRequest) xiexustest.Script {
		_ = b.results.Close() // from now on, nothing can be written
		return xiexustest.Completes(0, video)
	})
	b.submitAll(t.Context(), 1)
	require.Len(t, relay.Created(), 1)
	require.Contains(t, errs.String(), relay.Created()[0], "even if quiet")
	err = b.result(t.Context(), nil)
	require.ErrorIs(t, err, os.ErrClosed)
	require.ErrorContains(t, err, "2 of 3 requests were not submitted")
}

// A crash may leave any part of what was written last. What may have been sent is not sent
// again, wherever the file ends.
func TestBatch_ResultsFileIsCutAnywhere(t *testing.T) {
	for _, fault := range []xiexustest.Fault{{}, {Cut: true}, {Status: http.StatusBadRequest}} {
		relay := startRelay(t)
		writeRequests(t, "a")
		relay.FailCreates(fault)
		createRequests(t)
		require.Len(t, relay.Requests(), 1)
		content, err := os.ReadFile("requests.jsonl.results")
		require.NoError(t, err)
		lines := strings.SplitAfter(string(content), "\n")
		require.Len(t, lines, 3)
		first, all := len(lines[0]), len(content)
		for _, length := range []int{0, 1, 11, 12, first / 2, first - 2, first - 1, first, first + 1, (first + all) / 2, all - 2, all - 1, all} {
			require.NoError(t, os.WriteFile("requests.jsonl.results", content[:length], 0o600))
			before := len(relay.Requests())
			got := createRequests(t)
			again := length < first || // it was not sent before this was on the disk
				length == all && fault.Status != 0 // it was rejected
			require.Equal(t, again, len(relay.Requests()) > before, "cut at %d: %s", length, got.err)
			if !again && length < all {
				require.Equal(t, exitOther, got.code)
				require.Contains(t, got.err, "line 1: not submitted again")
			}
		}
	}
}
