package history

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/xiexus/xiexus-go/internal/cli/journal"
	"github.com/xiexus/xiexus-go/internal/filelock"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// The files in the directory. When the current one is full it becomes the old one, and what
// was in that is forgotten.
const (
	lockName    = "lock" // a file of its own, because the others are renamed
	currentName = "tasks.jsonl"
	oldName     = "tasks.old.jsonl"
)

// store is the files of a history.
type store struct {
	dir     string
	maxSize int64 // of a file
}

// defaultMaxSize is enough for thousands of tasks.
const defaultMaxSize = 8 << 20

// append appends an entry. If it is durable, it is on the disk when append returns.
func (s store) append(ctx context.Context, entry json.RawMessage, durable bool) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil { // prompts are private
		return err
	}
	lock, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }()
	current := filepath.Join(s.dir, currentName)
	if info, err := os.Stat(current); err == nil && info.Size() >= s.maxSize {
		if err := os.Rename(current, filepath.Join(s.dir, oldName)); err != nil {
			return err
		}
	}
	file, err := os.OpenFile(current, os.O_RDWR|os.O_CREATE|filelock.NoFollow, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	entries, err := journal.New(file)
	if err != nil {
		return err
	}
	if err := entries.Append(entry); err != nil || !durable {
		return err
	}
	return entries.Sync()
}

// acquire locks the history until the file is closed. Others hold the lock for moments only.
func (s store) acquire(ctx context.Context) (*os.File, error) {
	const longest, pause = 5 * time.Second, 20 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	name := filepath.Join(s.dir, lockName)
	for {
		file, _, err := filelock.Open(name, 0o600)
		if !errors.Is(err, filelock.ErrBusy) {
			return file, err
		}
		if retry.Sleep(ctx, pause) != nil {
			return nil, &fs.PathError{Op: "lock", Path: name, Err: err}
		}
	}
}

// read returns the entries, those that were submitted first first. Of entries with the same
// key the last one counts. Lines that are damaged are left out.
func (s store) read(ctx context.Context) ([]Entry, error) {
	if _, err := os.Stat(s.dir); err != nil {
		return nil, ignoreMissing(err)
	}
	if lock, err := s.acquire(ctx); err == nil { // without, on a read-only file system
		defer func() { _ = lock.Close() }()
	}
	var entries []Entry
	index := map[string]int{}
	for _, name := range []string{oldName, currentName} {
		content, err := readRegular(filepath.Join(s.dir, name))
		if ignoreMissing(err) != nil {
			return nil, err
		}
		for line := range bytes.Lines(content) {
			var entry Entry
			if json.Unmarshal(line, &entry) != nil || entry.Key == "" {
				continue
			}
			at, known := index[entry.Key]
			if !known {
				index[entry.Key] = len(entries)
				entries = append(entries, entry)
				continue
			}
			entries[at] = entry
		}
	}
	return entries, nil
}

// readRegular reads a regular file: reading a named pipe could take forever.
func readRegular(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "read", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(name)
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}
