package download

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
)

// target is where a video is written to, in order.
type target interface {
	io.Writer
	// written returns what has been written, from the start, and the version of the video
	// that it is part of. It returns nil if it cannot be read.
	written() (io.Reader, Version)
	// restart discards what has been written, or returns an error if it cannot.
	restart() error
	// note stores the version of what has been written, for a later transfer.
	note(Version) error
}

// stream is a target that cannot be read or restarted.
type stream struct{ io.Writer }

func (stream) written() (io.Reader, Version) { return nil, Version{} }
func (stream) restart() error                { return errors.ErrUnsupported }
func (stream) note(Version) error            { return nil }

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

// state is what a part directory holds. It has no URL: that may give access to the video.
type state struct {
	TaskID string `json:"task_id"`
	Version
}

// file is a target that appears under its name when it is published. Until then what was
// written is in a part directory, from which a later download can resume.
type file struct {
	path      string
	overwrite bool
	part      partDir
	lock      *os.File
	video     *os.File
	state     state
}

// openFile locks the part directory for a path and opens the video in it. The video of
// another task in it is discarded.
func openFile(path, taskID string, overwrite bool) (*file, error) {
	if err := checkPath(path, overwrite); err != nil {
		return nil, err
	}
	part := partDir(path + partSuffix)
	lock, err := part.lock()
	if err != nil {
		return nil, err
	}
	f := &file{path: path, overwrite: overwrite, part: part, lock: lock}
	switch err := f.open(taskID); {
	case err == nil:
		return f, nil
	case f.partial() == "":
		return nil, errors.Join(err, f.discard())
	default:
		return nil, errors.Join(err, f.close())
	}
}

// checkPath returns an error for a path where no file can be published.
func checkPath(path string, overwrite bool) error {
	info, err := os.Lstat(path)
	switch {
	case path == "":
		return fmt.Errorf("%w: file name is empty", ErrTarget)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return targetError(err)
	case info.IsDir():
		return fmt.Errorf("%w: %q is a directory", ErrTarget, path)
	case !overwrite:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: %q is not a regular file", ErrTarget, path)
	}
	return nil
}

// open opens the video of a task in the part directory.
func (f *file) open(taskID string) error {
	var err error
	if f.video, err = os.OpenFile(f.part.file(videoName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return targetError(err)
	}
	data, err := os.ReadFile(f.part.file(stateName))
	if err == nil && json.Unmarshal(data, &f.state) == nil && f.state.TaskID == taskID {
		return nil
	}
	f.state = state{TaskID: taskID, Version: Version{Size: -1}}
	switch info, err := f.video.Stat(); {
	case err != nil:
		return targetError(err)
	case info.Size() == 0: // not truncated: ext4 then flushes the file on close, which takes long
		return nil
	}
	return targetError(f.restart())
}

func (f *file) Write(p []byte) (int, error) { return f.video.Write(p) }

func (f *file) written() (io.Reader, Version) {
	return io.NewSectionReader(f.video, 0, math.MaxInt64), f.state.Version
}

func (f *file) restart() error {
	if err := f.video.Truncate(0); err != nil {
		return err
	}
	return f.note(Version{Size: -1})
}

// note replaces the state atomically. It does not wait for the disk, which may be busy
// with gigabytes: a state that a power failure corrupts is the same as none.
func (f *file) note(version Version) error {
	f.state.Version = version
	data, err := json.Marshal(f.state)
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.part.file(stateName+newSuffix), data, 0o666); err != nil {
		return err
	}
	return os.Rename(f.part.file(stateName+newSuffix), f.part.file(stateName))
}

// publish gives the complete video its name, and closes f.
func (f *file) publish() error {
	err := targetError(f.video.Close())
	if err == nil {
		err = f.rename()
	}
	if err != nil {
		return errors.Join(err, f.close())
	}
	_ = f.discard() // what remains is harmless
	return nil
}

func (f *file) rename() error {
	if !f.overwrite {
		err := os.Link(f.video.Name(), f.path) // unlike a rename it fails if the file exists
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := checkPath(f.path, false); err != nil { // a file system without links
			return err
		}
	}
	return targetError(os.Rename(f.video.Name(), f.path))
}

// discard removes the part directory, and closes f.
func (f *file) discard() error {
	_ = f.video.Close()
	for _, name := range []string{stateName, stateName + newSuffix, videoName} {
		if err := os.Remove(f.part.file(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(targetError(err), f.close())
		}
	}
	removed := os.Remove(f.part.file(lockName))
	err := f.close()
	if removed != nil { // Windows removes no open file; elsewhere this may be another download's by now
		_ = os.Remove(f.part.file(lockName))
	}
	_ = os.Remove(string(f.part)) // fails if something else is in it
	return err
}

// close closes f and keeps the part directory for a later transfer.
func (f *file) close() error {
	_ = f.video.Close()
	return targetError(f.lock.Close())
}

// partial returns the part directory, or an empty string if there is no video in it.
func (f *file) partial() string {
	if _, err := os.Stat(f.part.file(videoName)); err != nil {
		return ""
	}
	return string(f.part)
}

func targetError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTarget, err)
}
