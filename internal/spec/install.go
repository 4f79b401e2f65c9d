package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// step is a command that a document must pass.
type step struct {
	doing   string
	show    bool // what it prints
	command []string
}

var (
	generate = []step{
		{"generating", false, []string{"go", "generate", "."}},
		{"generating the benchmark", false, []string{"go", "-C", "internal/bench", "generate", "./..."}},
	}
	verify = []step{
		// First, so that it is recorded with KEEP=1 even if later steps fail.
		{"recording the exported API", true, []string{"go", "run", "./internal/api"}},
		{"building", false, []string{"go", "vet", "./..."}},
		{"building the benchmark", false, []string{"go", "-C", "internal/bench", "vet", "./..."}},
		{"testing (about two minutes)", false, []string{"go", "test", "./..."}},
	}
)

// install writes the document and what is generated from it, if that builds and passes
// the tests, or with keep also if it does not. All is done in a copy of the repository
// before. It reports whether it wrote the files.
func (t *tool) install(ctx context.Context, document []byte, keep bool) (wrote bool, err error) {
	dir, err := os.MkdirTemp("", "spec")
	if err != nil {
		return false, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	files, err := t.copyTo(ctx, dir)
	if err != nil {
		return false, err
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(documentFile)), document, 0o600); err != nil {
		return false, err
	}
	if err := t.steps(ctx, dir, generate); err != nil {
		return false, err
	}
	failed := t.steps(ctx, dir, verify)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if failed != nil && !keep {
		return false, fmt.Errorf("%w\nuse KEEP=1 to write the document and the generated code anyway, then fix the code", failed)
	}
	changed, err := t.changed(dir, files)
	if err != nil {
		return false, err
	}
	if err := t.replace(changed); err != nil {
		return false, err
	}
	if len(changed) == 0 {
		t.say("no file changes")
	}
	for _, c := range changed {
		t.say("wrote %s", c.name)
	}
	if failed != nil {
		return true, fmt.Errorf("%w\nfix the code, then run make api and make check", failed)
	}
	return true, nil
}

// steps runs commands until one fails.
func (t *tool) steps(ctx context.Context, dir string, steps []step) error {
	for _, s := range steps {
		t.say("%s ...", s.doing)
		printed, err := t.exec(ctx, dir, s.command[0], s.command[1:]...)
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(s.command, " "), err, failures(printed))
		}
		if s.show && len(printed) > 0 {
			t.say("%s", printed)
		}
	}
	return nil
}

// failures returns the first lines of a command's output, except for those of packages
// that pass.
func failures(printed []byte) string {
	const most = 40
	var lines []string
	for line := range strings.Lines(string(printed)) {
		if !strings.HasPrefix(line, "ok ") && !strings.Contains(line, "[no test files]") {
			lines = append(lines, line)
		}
	}
	return strings.TrimSpace(strings.Join(lines[:min(most, len(lines))], ""))
}

// copyTo copies the files of the repository to a directory and returns their names.
func (t *tool) copyTo(ctx context.Context, dir string) ([]string, error) {
	listed, err := t.exec(ctx, t.root, "git", "ls-files", "-z", "-co", "--exclude-standard")
	if err != nil {
		return nil, fmt.Errorf("listing the files of the repository: %w\n%s", err, failures(listed))
	}
	var files []string
	for name := range strings.SplitSeq(strings.TrimSuffix(string(listed), "\x00"), "\x00") {
		data, err := os.ReadFile(t.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // deleted, but not committed
		}
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err == nil {
			err = os.MkdirAll(filepath.Dir(target), 0o700)
		}
		if err == nil {
			err = os.WriteFile(target, data, 0o600)
		}
		if err != nil {
			return nil, err
		}
		files = append(files, name)
	}
	return files, nil
}

// contents are the new contents of a file, and the old ones.
type contents struct {
	name     string
	old, new []byte
}

// changed returns the files that differ in the copy.
func (t *tool) changed(dir string, files []string) ([]contents, error) {
	var all []contents
	for _, name := range files {
		before, err := os.ReadFile(t.path(name))
		if err != nil {
			return nil, err
		}
		after, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(before, after) {
			all = append(all, contents{name, before, after})
		}
	}
	return all, nil
}

// replace writes the files, or none of them.
func (t *tool) replace(files []contents) error {
	for i, file := range files {
		err := writeFile(t.path(file.name), file.new)
		if err == nil {
			continue
		}
		for _, written := range files[:i] {
			err = errors.Join(err, writeFile(t.path(written.name), written.old))
		}
		return err
	}
	return nil
}

// writeFile replaces a file in one step.
func writeFile(name string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(name), ".spec-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temp.Name()) }() // in vain once it is renamed
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), name)
}

// execute runs a command and returns what it printed; after an error, its messages too.
func execute(ctx context.Context, dir, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = time.Second // processes that it started may outlive it
	var out, messages bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &messages
	if err := cmd.Run(); err != nil {
		return append(out.Bytes(), messages.Bytes()...), err
	}
	return out.Bytes(), nil
}
