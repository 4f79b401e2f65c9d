package command_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func writeFile(t *testing.T, text string) string {
	name := filepath.Join(t.TempDir(), "requests.jsonl")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// keysOf returns the keys that submit has printed, and how many requests were new.
func keysOf(t *testing.T, out string) (keys []string, isNew int) {
	for line := range strings.Lines(out) {
		var printed struct {
			Line    int
			Request string
			New     bool
		}
		require.NoError(t, json.Unmarshal([]byte(line), &printed))
		require.Equal(t, len(keys)+1, printed.Line)
		keys = append(keys, printed.Request)
		if printed.New {
			isNew++
		}
	}
	return keys, isNew
}

func TestFleet_SendsEachCreateRequestAtMostOnce(t *testing.T) {
	relay := startRelay(t)
	relay.FailCreates(xiexustest.Fault{Status: 400}, xiexustest.Fault{Reset: true})
	store := storeDir(t)
	file := writeFile(t, strings.Repeat(`{"model":"m","prompt":"a cat"}`+"\n", 2))

	got := run(t.Context(), "", "submit", "--store", store, "--requests", file)
	require.Equal(t, 0, got.code, got.err)
	keys, isNew := keysOf(t, got.out)
	require.Equal(t, 2, isNew)
	got = run(t.Context(), "", "submit", "--store", store, "--requests", file)
	again, isNew := keysOf(t, got.out)
	require.Equal(t, keys, again)
	require.Zero(t, isNew, "the requests are in the queue")

	worker := startWorker(t, store, "--concurrency", "1")
	all := kinds(results(t, store, 1))
	require.Len(t, all, 2)
	require.ElementsMatch(t, []string{"rejected", "uncertain"}, []string{all[keys[0]], all[keys[1]]})
	require.Len(t, relay.Created(), 1, "the one whose response was lost")

	got = run(t.Context(), "", "submit", "--store", store, "--requests", file)
	_, isNew = keysOf(t, got.out)
	require.Zero(t, isNew, "the requests were sent")
	got = run(t.Context(), "", "submit", "--store", store, "--requests", file, "--run", "again")
	_, isNew = keysOf(t, got.out)
	require.Equal(t, 2, isNew)
	require.Eventually(t, func() bool { return len(relay.Created()) == 3 }, waitTime, tickTime)
	require.Equal(t, 0, worker.stop(t).code)
}

func TestSubmit_InvalidRequestsAreNamedBeforeAnyIsSubmitted(t *testing.T) {
	startRelay(t)
	store := storeDir(t)
	tests := []struct{ name, text, want string }{
		{"no prompt", `{"model":"m"}`, "line 1: prompt is required"},
		{"not JSON", `{"model":"m","prompt":"p"}` + "\n{", "line 2: invalid JSON"},
		{"a file as an image", `{"model":"m","prompt":"p","image":"cat.png"}`, `the image "cat.png" is not a URL`},
		{"the key", `{"model":"m","prompt":"` + testKey + `"}`, "the request contains the API key"},
		{"too large", `{"model":"m","prompt":"p","image":"data:image/png;base64,` + strings.Repeat("A", 1<<20) + `"}`, "give images as URLs"},
		{"empty", "\n", "has no requests"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t.Context(), "", "submit", "--store", store, "--requests", writeFile(t, tt.text))
			require.Equal(t, 2, got.code)
			require.Contains(t, got.err, tt.want)
			require.NotContains(t, got.err, testKey)
			require.Empty(t, got.out)
		})
	}
	require.NoDirExists(t, store)
}
