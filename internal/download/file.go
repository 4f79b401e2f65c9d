package download

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
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
	// detected is called with the usual extension of the video's format, or with an empty
	// string if that is not known, before the video is written.
	detected(extension string) error
}

// stream is a target that cannot be read or restarted.
type stream struct{ io.Writer }

func (stream) written() (io.Reader, Version) { return nil, Version{} }
func (stream) restart() error                { return errors.ErrUnsupported }
func (stream) note(Version) error            { return nil }
func (stream) detected(string) error         { return nil }

// File is where [Transfer.ToFile] saves a video.
type File struct {
	// Path is the name of the file.
	Path string
	// ID identifies the video: a transfer resumes an earlier one with the same ID only.
	ID string
	// Overwrite replaces an existing regular file.
	Overwrite bool
	// DetectExtension replaces the extension of Path by that of the video's format, if the
	// first bytes show it.
	DetectExtension bool
}

// all stands for the size of a video of which every byte counts.
const all = math.MaxInt64

// file is a target that appears under its name when it is published. Until then what was
// written is in a part directory, from which a later download can resume.
type file struct {
	File
	part  partDir
	lock  *os.File
	video *os.File
	state state
	sound int64 // how much of the video counts; the rest goes when more is written
}

// openFile locks the part directory for a file and opens the video in it. Another video in
// it is discarded.
func openFile(saved File) (*file, error) {
	if err := checkPath(saved.Path, saved.Overwrite); err != nil {
		return nil, err
	}
	part := partDir(saved.Path + partSuffix)
	lock, err := part.lock()
	if err != nil {
		return nil, err
	}
	f := &file{File: saved, part: part, lock: lock}
	switch err := f.open(); {
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

// open opens the video in the part directory, and keeps as much of it as can be resumed.
func (f *file) open() error {
	var err error
	if f.video, err = f.part.open(videoName, os.O_RDWR|os.O_CREATE|os.O_APPEND); err != nil {
		return targetError(err)
	}
	info, err := f.video.Stat()
	if err != nil {
		return targetError(err)
	}
	f.state = state{TaskID: f.ID, Version: Version{Size: -1}}
	f.sound = all
	if info.Size() == 0 { // not truncated: ext4 then flushes the file on close, which takes long
		return nil
	}
	stored, err := f.part.readState()
	switch {
	case err != nil, stored.TaskID != f.ID, !stored.isValid(info.Size()):
		return targetError(f.restart())
	case stored.Checksum == "":
		f.sound, err = soundSize(f.video, info.Size())
	}
	f.state = stored
	return targetError(err)
}

func (f *file) Write(p []byte) (int, error) {
	if err := f.cut(); err != nil {
		return 0, err
	}
	return f.video.Write(p)
}

// cut removes what does not count.
func (f *file) cut() error {
	if f.sound == all {
		return nil
	}
	err := f.video.Truncate(f.sound)
	f.sound = all
	return err
}

func (f *file) written() (io.Reader, Version) {
	return io.NewSectionReader(f.video, 0, f.sound), f.state.Version
}

func (f *file) restart() error {
	f.sound = 0
	if err := f.cut(); err != nil {
		return err
	}
	return f.note(Version{Size: -1})
}

func (f *file) note(version Version) error {
	f.state.Version = version
	return f.part.writeState(f.state)
}

func (f *file) detected(extension string) error {
	if !f.DetectExtension || extension == "" {
		return nil
	}
	f.Path = strings.TrimSuffix(f.Path, filepath.Ext(f.Path)) + "." + extension
	return checkPath(f.Path, f.Overwrite)
}

// end publishes the video unless a transfer had an error. It keeps what can be resumed.
func (f *file) end(err error) error {
	switch {
	case err == nil:
		return f.publish()
	case f.isEmpty(), errors.Is(err, ErrChecksum), errors.Is(err, ErrTooLarge):
		return errors.Join(err, f.discard())
	}
	return errors.Join(err, f.close())
}

// publish gives the complete video its name, and closes f.
func (f *file) publish() error {
	err := targetError(errors.Join(f.cut(), f.video.Close()))
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
	if !f.Overwrite {
		err := os.Link(f.video.Name(), f.Path) // unlike a rename it fails if the file exists
		if err == nil || errors.Is(err, fs.ErrExist) {
			return err
		}
		if err := checkPath(f.Path, false); err != nil { // a file system without links
			return err
		}
	}
	return targetError(os.Rename(f.video.Name(), f.Path))
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

// isEmpty reports whether nothing has been written.
func (f *file) isEmpty() bool {
	info, err := f.video.Stat()
	return err == nil && info.Size() == 0
}

func targetError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTarget, err)
}
