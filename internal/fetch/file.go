package fetch

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"
	"github.com/natefinch/atomic"
)

// The folder beside a file that holds what has come of it, and what is in it.
const (
	partSuffix = ".part"
	videoName  = "video"
	stateName  = "state.json" // what the video is of
	newSuffix  = ".new"       // of the state while it is written
	lockName   = "lock"
)

// File is a Target that appears under its name only when it is whole. Until
// then what has come is in a folder beside it, whose name ends in ".part", for
// another File to go on with.
type File struct {
	path      string
	overwrite bool
	lock      *flock.Flock
	video     *os.File
	state     state
}

// OpenFile prepares to write the video of a task to a path. What an earlier File
// has left of the same task is taken up. A file that exists is fs.ErrExist, if it
// is not to be overwritten.
func OpenFile(path, taskID string, overwrite bool) (*File, error) {
	if err := checkPath(path, overwrite); err != nil {
		return nil, err
	}
	f := &File{path: path, overwrite: overwrite, lock: flock.New(filepath.Join(path+partSuffix, lockName))}
	if err := f.acquire(); err != nil {
		return nil, err
	}
	err := checkPath(path, overwrite) // it may have appeared
	if err == nil {
		err = f.takeUp(taskID)
	}
	switch {
	case err == nil:
		return f, nil
	case f.Left() == "":
		return nil, errors.Join(err, f.Discard())
	}
	return nil, errors.Join(err, f.Close())
}

// checkPath refuses what cannot become the file.
func checkPath(path string, overwrite bool) error {
	info, err := os.Lstat(path)
	switch {
	case path == "":
		return fmt.Errorf("%w: the file has no name", ErrTarget)
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return targetError(err)
	case info.IsDir():
		return fmt.Errorf("%w: %q is a folder, not a file", ErrTarget, path)
	case !overwrite:
		return &fs.PathError{Op: "create", Path: path, Err: fs.ErrExist}
	case !info.Mode().IsRegular():
		return fmt.Errorf("%w: %q is not a regular file", ErrTarget, path)
	}
	return nil
}

// takeUp opens what there is of the task's video, or an empty file.
func (f *File) takeUp(taskID string) error {
	var err error
	if f.video, err = os.OpenFile(filepath.Join(f.folder(), videoName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o666); err != nil {
		return targetError(err)
	}
	f.state = readState(f.folder())
	if f.state.TaskID == taskID {
		return nil
	}
	f.state = state{TaskID: taskID, Identity: Identity{Size: -1}}
	switch info, err := f.video.Stat(); {
	case err != nil:
		return targetError(err)
	case info.Size() == 0: // ext4 writes a file that was ever truncated out when it is closed, which takes long
		return nil
	}
	return targetError(f.Restart())
}

// Held reads the video as far as it is there, and says what it is of.
func (f *File) Held() (io.ReadSeeker, Identity) {
	return io.NewSectionReader(f.video, 0, math.MaxInt64), f.state.Identity
}

// Write appends to what there is.
func (f *File) Write(p []byte) (int, error) { return f.video.Write(p) }

// Restart takes back what was written.
func (f *File) Restart() error {
	if err := f.video.Truncate(0); err != nil {
		return err
	}
	return f.Note(Identity{Size: -1})
}

// Note keeps what the bytes are of, for a File that goes on with them.
func (f *File) Note(video Identity) error {
	f.state.Identity = video
	return f.state.write(f.folder())
}

// Commit makes the file appear. f is closed then.
func (f *File) Commit() error {
	name := f.video.Name()
	if err := f.video.Close(); err != nil {
		return errors.Join(targetError(err), f.Close())
	}
	if err := f.publish(name); err != nil {
		return errors.Join(err, f.Close())
	}
	_ = f.Discard() // what is left beside it does no harm
	return nil
}

// publish gives the whole video its name.
func (f *File) publish(name string) error {
	if f.overwrite {
		return targetError(atomic.ReplaceFile(name, f.path))
	}
	err := os.Link(name, f.path) // fails where the name is taken, unlike renaming
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := checkPath(f.path, false); err != nil { // a file system without links
		return err
	}
	return targetError(atomic.ReplaceFile(name, f.path))
}

// Discard removes what there is beside the file. f is closed then.
func (f *File) Discard() error {
	_ = f.video.Close()
	for _, name := range []string{stateName, stateName + newSuffix, videoName} {
		if err := os.Remove(filepath.Join(f.folder(), name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(targetError(err), f.Close())
		}
	}
	removed := os.Remove(f.lock.Path())
	err := f.Close()
	if removed != nil { // Windows removes no open file; elsewhere this may be another's by now
		_ = os.Remove(f.lock.Path())
	}
	_ = os.Remove(f.folder()) // not if something else is in it
	return err
}

// Close leaves what has come to a later File.
func (f *File) Close() error {
	if f.video != nil {
		_ = f.video.Close()
	}
	return targetError(f.lock.Unlock())
}

// Left is the folder that holds what has come, or empty if there is none.
func (f *File) Left() string {
	if _, err := os.Stat(filepath.Join(f.folder(), videoName)); err != nil {
		return ""
	}
	return f.folder()
}

func (f *File) folder() string { return f.path + partSuffix }
