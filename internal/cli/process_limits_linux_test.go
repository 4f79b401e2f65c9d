package cli

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// limit sets a limit of the shell, such as "ulimit -n 40", for a process that has not been
// started.
func (p *process) limit(limit string) {
	p.Args = append([]string{"sh", "-c", limit + ` && exec "$0" "$@"`, p.Path}, p.Args[1:]...)
	p.Path = "/bin/sh"
}

// A limit of the size of files stands for a full disk.
func TestProcess_DiskFullInADownload(t *testing.T) {
	relay, cdn, url := startCDN(t)
	relay.Add("film", xiexustest.Completes(0, url, xiexustest.Stored))
	dir := t.TempDir()
	p := newProcess(t, "download", "film", "--dir", dir)
	p.limit("ulimit -f 500")
	got := p.run(t)
	require.Equal(t, exitOther, got.code, got.err)
	require.Contains(t, got.err, "cannot write the video: ")
	require.Contains(t, got.err, "; partial data is kept in ")
	require.Empty(t, got.out)
	require.NoFileExists(t, filepath.Join(dir, "film.mp4"))

	got = newProcess(t, "download", "film", "--dir", dir).run(t)
	require.Equal(t, 0, got.code, got.err)
	require.Len(t, cdn.Requests(), 2)
	require.NotEmpty(t, cdn.Requests()[1].Header.Get("Range"), "it resumes")
	requireFilm(t, dir)
}

func TestProcess_DiskFullInABatch(t *testing.T) {
	prompts := recordPrompts(startRelay(t))
	all := strings.Split("abcdefghijklmnopqrst", "")
	writeRequests(t, all...)
	p := newProcess(t, "create", "--requests", "requests.jsonl", "--concurrency", "1")
	p.limit("ulimit -f 3")
	got := p.run(t)
	require.Equal(t, exitOther, got.code, got.err)
	require.Regexp(t, `--results: write requests.jsonl.results: file too large; \d+ of 20 requests were not submitted`, got.err)
	submitted := len(prompts())
	require.Positive(t, submitted)
	require.Less(t, submitted, len(all))
	require.Equal(t, submitted, strings.Count(got.err, "created task_"), "no ID is lost")

	createRequests(t)
	require.ElementsMatch(t, all, prompts(), "each once")
}

// All reads are held until one of them cannot open a connection.
func TestProcess_FewDescriptors(t *testing.T) {
	full := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Method == http.MethodPost {
			http.NotFound(w, req) // it has no batches
			return
		}
		select {
		case <-full:
		case <-req.Context().Done():
		}
		_, _ = fmt.Fprintf(w, `{"task_id":%q,"status":"completed","url":%q}`, path.Base(req.URL.Path), video)
	}))
	defer server.Close()
	t.Setenv("XIEXUS_API_KEY", testKey)
	t.Setenv("XIEXUS_BASE_URL", server.URL)
	p := newProcess(t, "wait", "-", "--concurrency", "60", "--verbose")
	p.Stdin = strings.NewReader(taskIDs(60))
	p.limit("ulimit -n 40")
	errs := &triggerWriter{text: "too many open files", trigger: sync.OnceFunc(func() { close(full) })}
	p.Stderr = struct{ io.Writer }{errs} // without ReadFrom, which does not call Write
	got := p.run(t)
	require.Equal(t, 0, got.code, errs.String())
	var ids []string
	for _, line := range got.lines(t) {
		require.Equal(t, "completed", line["status"])
		ids = append(ids, line["task_id"].(string))
	}
	require.ElementsMatch(t, strings.Fields(taskIDs(60)), ids)
}

// taskIDs returns IDs, separated by blanks.
func taskIDs(n int) string {
	var ids strings.Builder
	for i := range n {
		_, _ = fmt.Fprintf(&ids, "task_%d ", i)
	}
	return ids.String()
}
