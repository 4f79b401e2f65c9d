package download

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"

	"github.com/xiexus/xiexus-go/internal/filelock"
)

// Next to a file that is being downloaded is its part directory, with these files in it.
const (
	partSuffix = ".part"
	videoName  = "video"
	stateName  = "state.json"
	newSuffix  = ".new" // of the state while it is written
	lockName   = "lock"
)

// partDir is the path of a part directory.
type partDir string

func (p partDir) file(name string) string { return filepath.Join(string(p), name) }

// open opens a file in the part directory, but not through a symbolic link: if others can
// write to the directory, it could lead anywhere.
func (p partDir) open(name string, flags int) (*os.File, error) {
	return os.OpenFile(p.file(name), flags|filelock.NoFollow, 0o666)
}

// state is what a part directory holds. It has no URL: that may give access to the video.
type state struct {
	TaskID string `json:"task_id"`
	Version
}

func (p partDir) readState() (stored state, err error) {
	const maxSize = 64 << 10
	file, err := p.open(stateName, os.O_RDONLY)
	if err != nil {
		return stored, err
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxSize))
	if err != nil {
		return stored, err
	}
	return stored, json.Unmarshal(data, &stored)
}

// writeState replaces the state atomically. It does not wait for the disk, which may be
// busy with gigabytes: a state that a power failure corrupts is the same as none.
func (p partDir) writeState(s state) error {
	data, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file, err := p.open(stateName+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return err
	}
	return os.Rename(p.file(stateName+newSuffix), p.file(stateName))
}

// lastBlock is how much of what was written by an earlier transfer is received again.
const lastBlock = 64 << 10

// soundSize returns how much of a video is certain to have survived a power failure: without
// zero bytes at its end, and the block before them.
func soundSize(video *os.File, size int64) (int64, error) {
	block := make([]byte, lastBlock)
	for size > 0 {
		start := max(size-lastBlock, 0)
		n, err := video.ReadAt(block[:size-start], start)
		if err != nil {
			return 0, err
		}
		if n = len(bytes.TrimRight(block[:n], "\x00")); n > 0 {
			return max(start+int64(n)-lastBlock, 0), nil
		}
		size = start
	}
	return 0, nil
}
