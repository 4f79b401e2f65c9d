package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// repository is a directory with a document, an overlay and a generated file.
type repository struct {
	tool
	out     bytes.Buffer
	runs    []string // commands
	oasdiff string   // what it prints
	fail    string   // the beginning of the command that fails
	// failing is called by that command, if it is not nil.
	failing func()
}

func newRepository(t *testing.T) *repository {
	t.Helper()
	r := &repository{oasdiff: "[]"}
	r.tool = tool{root: t.TempDir(), out: &r.out, exec: r.exec}
	r.write(t, overlayFile, fixture(t, "overlay.yaml"))
	r.write(t, documentFile, fixture(t, "inline.json"))
	r.write(t, "gen/client.gen.go", []byte("before"))
	return r
}

// exec stands in for git and go. Generating appends to the generated file.
func (r *repository) exec(_ context.Context, dir, name string, args ...string) ([]byte, error) {
	command := strings.Join(append([]string{name}, args...), " ")
	r.runs = append(r.runs, command)
	if r.fail != "" && strings.HasPrefix(command, r.fail) {
		if r.failing != nil {
			r.failing()
		}
		return []byte("ok  \tpackage\t1s\n--- FAIL: TestTask"), errors.New("exit status 1")
	}
	switch {
	case strings.HasPrefix(command, "git ls-files"):
		return []byte(strings.Join([]string{overlayFile, documentFile, "gen/client.gen.go", "deleted.go"}, "\x00") + "\x00"), nil
	case command == "git show HEAD:"+statusFile: // without aborted, which has been added since
		return []byte(`case "failed", "cancelled"`), nil
	case strings.HasPrefix(command, "git show"):
		return os.ReadFile("testdata/inline.json")
	case command == "go generate .":
		return nil, os.WriteFile(filepath.Join(dir, "gen/client.gen.go"), []byte("generated"), 0o600)
	case command == "go run ./internal/api":
		return []byte("gen, additions:\n+const StatusArchived\n"), nil
	case strings.Contains(command, "oasdiff"):
		return []byte(r.oasdiff), nil
	}
	return nil, nil
}

func (r *repository) write(t *testing.T, name string, data []byte) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(r.path(name)), 0o700))
	require.NoError(t, os.WriteFile(r.path(name), data, 0o600))
}

func (r *repository) read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(r.path(name))
	require.NoError(t, err)
	return string(data)
}

// requireUnchanged checks that all files are those of newRepository.
func (r *repository) requireUnchanged(t *testing.T) {
	t.Helper()
	require.Equal(t, string(fixture(t, "inline.json")), r.read(t, documentFile))
	require.Equal(t, "before", r.read(t, "gen/client.gen.go"))
}

func fixture(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return data
}

// edited returns a fixture in which texts are replaced: old, new, old, new ...
func edited(t *testing.T, name string, oldnew ...string) []byte {
	t.Helper()
	var compact bytes.Buffer
	require.NoError(t, json.Compact(&compact, fixture(t, name)))
	text := compact.String()
	for i := 0; i < len(oldnew); i += 2 {
		require.Contains(t, text, oldnew[i])
		text = strings.ReplaceAll(text, oldnew[i], oldnew[i+1])
	}
	return []byte(text)
}

func save(t *testing.T, data []byte) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "new")
	require.NoError(t, os.WriteFile(name, data, 0o600))
	return name
}

func TestRun_WritesTheDocumentAndWhatIsGenerated(t *testing.T) {
	r := newRepository(t)
	published := edited(t, "inline.json", `"failed"`, `"failed","archived"`)
	require.NoError(t, r.run(t.Context(), options{from: save(t, published)}))
	require.Equal(t, string(published), r.read(t, documentFile), "byte for byte")
	require.Equal(t, "generated", r.read(t, "gen/client.gen.go"))
	require.Contains(t, r.out.String(), "wrote "+documentFile)
	require.Contains(t, r.out.String(), "+const StatusArchived\n")
	require.Contains(t, r.runs, "go test ./...")
}

func TestRun_ChangesNothingOnErrors(t *testing.T) {
	for fail, problem := range map[string]string{
		"go generate":               "nothing was changed",
		"go -C internal/bench gene": "nothing was changed",
		"go vet":                    "use KEEP=1 to write the document and the generated code anyway, then fix the code\nnothing was changed",
		"go test":                   "--- FAIL: TestTask\nuse KEEP=1 to",
		"git ls-files":              "listing the files",
	} {
		t.Run(fail, func(t *testing.T) {
			r := newRepository(t)
			r.fail = fail
			err := r.run(t.Context(), options{from: save(t, edited(t, "inline.json", `"failed"`, `"failed","archived"`))})
			require.ErrorContains(t, err, problem)
			require.ErrorContains(t, err, "\nnothing was changed")
			require.NotContains(t, err.Error(), "ok  \t")
			r.requireUnchanged(t)
		})
	}
}

func TestRun_RejectsBadInput(t *testing.T) {
	inline := string(fixture(t, "inline.json"))
	for name, c := range map[string]struct{ offered, problem string }{
		"empty":     {"", "is empty"},
		"cut off":   {inline[:len(inline)/2], "the JSON that begins on line 1 is cut off"},
		"operation": {strings.ReplaceAll(inline, "/generations/", "/tasks/"), "it has no operation GET " + taskPath + ", which the client is made for; it has GET /v1/video/tasks/{task_id}"},
		"field":     {strings.ReplaceAll(inline, `"fps"`, `"frame_rate"`), "targets in openapi/overlay.yaml match nothing in this document"},
		"types":     {strings.ReplaceAll(inline, `"message": {`, `"message": [], "text": {`), "error"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			err := r.run(t.Context(), options{from: save(t, []byte(c.offered))})
			require.ErrorContains(t, err, c.problem)
			require.ErrorContains(t, err, "nothing was changed")
			r.requireUnchanged(t)
		})
	}
}

func TestRun_SaysWhenItIsInterrupted(t *testing.T) {
	for _, during := range []string{"git show HEAD:openapi", "git ls-files", "go generate", "go vet", "go test", "go run github.com/oasdiff"} {
		for _, keep := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, keep=%v", during, keep), func(t *testing.T) {
				r := newRepository(t)
				ctx, cancel := context.WithCancel(t.Context())
				r.fail, r.failing = during, cancel
				if strings.HasPrefix(during, "git show") {
					r.write(t, documentFile, []byte("{"))
				}
				before := r.read(t, documentFile)
				err := r.run(ctx, options{keep: keep, from: save(t, edited(t, "inline.json", `"failed"`, `"failed","archived"`))})
				require.EqualError(t, err, "interrupted\nnothing was changed")
				require.ErrorIs(t, err, errInterrupted)
				require.Equal(t, before, r.read(t, documentFile))
				require.Equal(t, "before", r.read(t, "gen/client.gen.go"))
			})
		}
	}
}

func TestRun_KeepsWhatFailsOnRequest(t *testing.T) {
	r := newRepository(t)
	r.fail = "go vet"
	err := r.run(t.Context(), options{from: save(t, fixture(t, "components.json")), keep: true})
	require.ErrorContains(t, err, "exit status 1")
	require.ErrorContains(t, err, "fix the code, then run make api and make check")
	require.NotContains(t, err.Error(), "nothing was changed")
	require.Contains(t, r.out.String(), "+const StatusArchived\n", "the API is recorded")
	require.Equal(t, "generated", r.read(t, "gen/client.gen.go"))
}

func TestRun_StopsIfTheDocumentIsOurs(t *testing.T) {
	r := newRepository(t)
	require.NoError(t, r.run(t.Context(), options{from: save(t, fixture(t, "inline.json"))}))
	require.Contains(t, r.out.String(), documentFile+" is this document already: nothing to do.")
	require.Contains(t, r.out.String(), "not in the document, but added by openapi/overlay.yaml: GET /v1/models, POST /v1/video/generations, GET /v1/videos/{task_id}/content\n")
	require.NotContains(t, strings.Join(r.runs, "\n"), "go generate")
}

func TestRun_ReportsOnly(t *testing.T) {
	r := newRepository(t)
	require.NoError(t, r.run(t.Context(), options{diff: true, from: save(t, edited(t, "inline.json", `"fps"`, `"frame_rate"`))}))
	require.Contains(t, r.out.String(), "field VideoTask.metadata.fps is gone (renamed to frame_rate?)")
	require.NotContains(t, strings.Join(r.runs, "\n"), "go generate")
	r.requireUnchanged(t)
}

func TestRun_ComparesOurDocumentWithTheCommittedOne(t *testing.T) {
	r := newRepository(t)
	r.write(t, documentFile, edited(t, "inline.json", `"url"`, `"cover_url":{"type":"string"},"url"`))
	require.NoError(t, r.run(t.Context(), options{diff: true}))
	require.Contains(t, r.out.String(), "new field VideoTask.cover_url (string)")
	require.Contains(t, r.runs, "git show HEAD:"+documentFile)
}

func TestRun_NeedsADocument(t *testing.T) {
	r := newRepository(t)
	require.ErrorIs(t, r.run(t.Context(), options{}), errUsage)
	require.ErrorIs(t, r.run(t.Context(), options{from: "missing.json"}), os.ErrNotExist)
}

func TestReplace_WritesAllFilesOrNone(t *testing.T) {
	r := newRepository(t)
	err := r.replace([]contents{
		{"gen/client.gen.go", []byte("before"), []byte("after")},
		{"missing/file", nil, []byte("after")},
	})
	require.ErrorIs(t, err, os.ErrNotExist)
	r.requireUnchanged(t)
}
