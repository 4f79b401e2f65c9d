package faults_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/cli"
	"github.com/xiexus/xiexus-go/internal/cli/history"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const batchRequests = 4

// useCommand sets the environment of the command.
func useCommand() {
	for name, value := range map[string]string{
		xiexus.EnvAPIKey: xiexustest.DefaultAPIKey, xiexus.EnvBaseURL: "", "XIEXUS_PROFILE": "", "XIEXUS_CONFIG": os.DevNull, history.Env: "off",
	} {
		_ = os.Setenv(name, value)
	}
}

// batchRecord is a line of the results file of a batch of create requests.
type batchRecord struct {
	Line   int
	State  string
	TaskID string `json:"task_id"`
}

// createBatch submits a file of requests with the command, and then what is left of it
// without the fault.
func createBatch(ctx context.Context, w *world) string {
	w.pausesApart = true
	paid := map[string]int{} // by prompt
	w.relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
		paid[request.Prompt]++
		return xiexustest.Completes(taskTime, "", xiexustest.Stored)
	})
	var requests strings.Builder
	for i := range batchRequests {
		_, _ = fmt.Fprintf(&requests, "{\"model\":\"model-1\",\"prompt\":\"cat %d\"}\n", i)
	}
	file := filepath.Join(w.dir, "requests.jsonl")
	require.NoError(w, os.WriteFile(file, []byte(requests.String()), 0o600))

	code, states := w.submit(ctx, file)
	met := fmt.Sprintf("%s, exit %d", states, code)
	require.Equal(w, code == 0, states == fmt.Sprintf("%d created", batchRequests), met)

	w.proxy.end()
	code, states = w.submit(ctx, file)
	require.NotContains(w, states, "rejected")
	require.NotContains(w, states, "not submitted")
	require.Equal(w, code == 0, states == fmt.Sprintf("%d created", batchRequests), states)
	for prompt, times := range paid {
		require.Equal(w, 1, times, prompt)
	}
	return met
}

// submit runs the command, checks its output and what it records, and returns its exit
// code and how many requests are in which state.
func (w *world) submit(ctx context.Context, file string) (int, string) {
	transport := w.proxy.transport()
	defer transport.CloseIdleConnections()
	var out, errs bytes.Buffer
	code := cli.Run(ctx, []string{
		"create", "--requests", file, "--concurrency", "1", "--base-url", w.scheme + "://" + relayHost,
		"--timeout", requestTimeout.String(), "--max-response-size", strconv.Itoa(maxSize),
	}, cli.Streams{In: strings.NewReader(""), Out: &out, Err: &errs, Network: network(transport)})
	w.Log(errs.String())

	last := map[int]batchRecord{}
	results, err := os.ReadFile(file + ".results")
	require.NoError(w, err)
	for line := range strings.Lines(string(results)) {
		var record batchRecord
		require.NoError(w, json.Unmarshal([]byte(line), &record))
		last[record.Line] = record
	}
	counts := map[string]int{"not submitted": batchRequests - len(last)}
	for _, record := range last {
		counts[record.State]++
		if record.State == "created" {
			require.Contains(w, w.relay.Created(), record.TaskID)
		}
	}
	require.Zero(w, counts["submitting"])
	require.LessOrEqual(w, len(w.relay.Created()), counts["created"]+counts["uncertain"], "tasks that the user does not know of")
	require.Equal(w, strings.Count(errs.String(), ": created "), strings.Count(out.String(), "\n"))
	var states []string
	for _, state := range []string{"created", "uncertain", "rejected", "not submitted"} {
		if n := counts[state]; n > 0 {
			states = append(states, fmt.Sprint(n, " ", state))
		}
	}
	return code, strings.Join(states, ", ")
}
