package cli

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/internal/filelock"
)

// record is a line of a results file: what became of a request. The last one for a request
// counts.
type record struct {
	Request string    `json:"request"` // its key
	Line    int       `json:"line"`    // in the file with the requests
	State   state     `json:"state"`
	TaskID  string    `json:"task_id,omitempty"`
	Error   string    `json:"error,omitempty"`
	At      time.Time `json:"at"`
}

// state is the state of a request.
type state string

const (
	stateSubmitting state = "submitting" // recorded before it is sent
	stateCreated    state = "created"
	stateRejected   state = "rejected"  // certainly no task: it may be submitted again
	stateUncertain  state = "uncertain" // perhaps a task: it must not be
)

func (s state) valid() bool {
	switch s {
	case stateSubmitting, stateCreated, stateRejected, stateUncertain:
		return true
	}
	return false
}

// journal is a results file, locked. Its methods are safe for concurrent use.
type journal struct {
	lock    sync.Mutex
	file    *os.File
	failed  error             // of an earlier write, which may have left half a record
	records map[string]record // by request, from earlier runs
}

// openJournal opens a results file, or creates one.
func openJournal(name string) (*journal, error) {
	file, err := filelock.Open(name)
	if errors.Is(err, filelock.ErrBusy) {
		return nil, fmt.Errorf("%s: %w: the same requests may be being submitted", name, err)
	}
	if err != nil {
		return nil, err
	}
	j := &journal{file: file, records: map[string]record{}}
	if err := j.read(); err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	syncDir(filepath.Dir(name))
	return j, nil
}

// read reads the records of earlier runs. A last line that is cut, by a power failure or
// a full disk, is removed: what it recorded has not happened, or counts as uncertain.
func (j *journal) read() error {
	if info, err := j.file.Stat(); err != nil || !info.Mode().IsRegular() {
		return cmp.Or(err, errors.New("not a regular file"))
	}
	content, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	end := bytes.LastIndexByte(content, '\n') + 1
	line := 0
	for text := range bytes.Lines(content[:end]) {
		line++
		var r record
		if json.Unmarshal(text, &r) != nil || r.Request == "" || !r.State.valid() {
			return fmt.Errorf("line %d is not a result of an earlier run; use another file for the results", line)
		}
		j.records[r.Request] = r
	}
	const start = `{"request":`
	cut := content[end:]
	if n := min(len(cut), len(start)); string(cut[:n]) != start[:n] {
		return errors.New("not a file with the results of an earlier run; use another file for the results")
	}
	_, err = j.file.Seek(int64(end), io.SeekStart)
	return cmp.Or(err, j.file.Truncate(int64(end)))
}

// add records the state of a request. When it returns, the record is on the disk.
func (j *journal) add(r record) error {
	j.lock.Lock()
	defer j.lock.Unlock()
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if j.failed == nil {
		_, j.failed = j.file.Write(append(line, '\n'))
	}
	if j.failed == nil {
		j.failed = j.file.Sync()
	}
	return j.failed
}

func (j *journal) close() { _ = j.file.Close() }

// syncDir makes the name of a new file survive a power failure, where that is possible.
func syncDir(name string) {
	if dir, err := os.Open(name); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}
