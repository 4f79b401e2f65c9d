// Package journal appends records to files in JSON Lines.
package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"sync"
)

// ErrChanged means that another program, such as an editor, has replaced, removed or changed
// the file: records could be lost.
var ErrChanged = errors.New("another program has changed the file")

// Journal is a file with a record on each line, which is only ever appended to. Its methods
// are safe for concurrent use. The caller keeps other processes from writing to the file.
type Journal struct {
	lock   sync.Mutex
	file   *os.File
	end    int64 // of the last complete line
	size   int64 // of the file, as this program left it
	failed error // of an earlier write, which may have left half a record
}

// New returns the journal in a file that is open for reading and writing, and that
// [Journal.Close] closes. A power failure or a full disk may have cut the last line: the
// first record that is appended replaces it.
func New(file *os.File) (*Journal, error) {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		return nil, err
	}
	end, err := lastLineEnd(file, info.Size())
	return &Journal{file: file, end: end, size: info.Size()}, err
}

// lastLineEnd returns the length of a file without a last line that has no end.
func lastLineEnd(file io.ReaderAt, size int64) (int64, error) {
	block := make([]byte, 4<<10)
	for end := size; end > 0; {
		start := max(end-int64(len(block)), 0)
		n, err := file.ReadAt(block[:end-start], start)
		if err != nil {
			return 0, err
		}
		if at := bytes.LastIndexByte(block[:n], '\n'); at >= 0 {
			return start + int64(at) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// Read returns the complete lines of the file, and what is left of one that was cut.
func (j *Journal) Read() (lines, cut []byte, err error) {
	j.lock.Lock()
	defer j.lock.Unlock()
	if _, err := j.file.Seek(0, io.SeekStart); err != nil {
		return nil, nil, err
	}
	content, err := io.ReadAll(j.file)
	end := min(j.end, int64(len(content)))
	return content[:end], content[end:], err
}

// Append appends a record. It survives a crash of the program, and a power failure once
// [Journal.Sync] has returned. The error is [ErrChanged] if the file is not as this program
// left it. After an error, nothing more can be appended.
func (j *Journal) Append(record any) error {
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	line = append(line, '\n')
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.failed == nil {
		j.failed = j.write(line)
	}
	return j.failed
}

func (j *Journal) write(line []byte) error {
	if err := j.checkUnchanged(); err != nil {
		return err
	}
	if err := j.file.Truncate(j.end); err != nil {
		return err
	}
	_, err := j.file.WriteAt(line, j.end)
	j.end += int64(len(line))
	j.size = j.end
	return err
}

// checkUnchanged returns [ErrChanged] if the name leads to another file by now, or to none, or
// if the file has another size.
func (j *Journal) checkUnchanged() error {
	info, err := j.file.Stat()
	if err != nil {
		return err
	}
	named, err := os.Lstat(j.file.Name())
	if err != nil || !os.SameFile(named, info) || info.Size() != j.size {
		return ErrChanged
	}
	return nil
}

// Sync waits until all records are on the disk.
func (j *Journal) Sync() error {
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.failed == nil {
		j.failed = j.file.Sync()
	}
	return j.failed
}

// Name returns the name of the file.
func (j *Journal) Name() string { return j.file.Name() }

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
