package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/xiexus/xiexus-go/internal/cli/journal"
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

// resultsFile is a results file, locked. Its methods are safe for concurrent use.
type resultsFile struct {
	*journal.Journal
	records map[string]record // by request, from earlier runs
}

// openResults opens a results file, or creates one.
func openResults(name string) (*resultsFile, error) {
	file, locked, err := filelock.Open(name, 0o666)
	if errors.Is(err, filelock.ErrBusy) {
		return nil, fmt.Errorf("%s: %w: the same requests may be being submitted", name, err)
	}
	if err != nil {
		return nil, err
	}
	results := &resultsFile{}
	if results.Journal, err = journal.New(file); err == nil {
		results.records, err = readResults(results.Journal)
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", name, err)
	} else {
		err = checkFileSystem(file, locked)
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	syncDir(filepath.Dir(name))
	return results, nil
}

// checkFileSystem reports a file system on which requests could be submitted twice: by another
// process, or after a power failure.
func checkFileSystem(file *os.File, locked bool) error {
	if !locked {
		return fmt.Errorf("%s: the file system has no locks, and another process could submit the same requests; use a file on another file system", file.Name())
	}
	if err := file.Sync(); err != nil {
		return fmt.Errorf("%w; use a file on another file system", err)
	}
	return nil
}

// readResults reads the records of earlier runs. What a line that was cut recorded has not
// happened, or counts as uncertain.
func readResults(results *journal.Journal) (map[string]record, error) {
	content, cut, err := results.Read()
	if err != nil {
		return nil, err
	}
	records := map[string]record{}
	line := 0
	for text := range bytes.Lines(content) {
		line++
		var r record
		if json.Unmarshal(text, &r) != nil || r.Request == "" || !r.State.valid() {
			return nil, fmt.Errorf("line %d is not a result of an earlier run; use another file for the results", line)
		}
		records[r.Request] = r
	}
	const start = `{"request":`
	if n := min(len(cut), len(start)); string(cut[:n]) != start[:n] {
		return nil, errors.New("not a file with the results of an earlier run; use another file for the results")
	}
	return records, nil
}

// add records the state of a request. When it returns, the record is on the disk.
func (r *resultsFile) add(record record) error {
	err := r.Append(record)
	if errors.Is(err, journal.ErrChanged) {
		return fmt.Errorf(`%s: %w, and tasks may be missing from it; compare it with "xiexus list" before you run the command again`, r.Name(), err)
	}
	if err != nil {
		return err
	}
	return r.Sync()
}

// syncDir makes the name of a new file survive a power failure, where that is possible.
func syncDir(name string) {
	if dir, err := os.Open(name); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}
