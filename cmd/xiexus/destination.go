package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
)

// savedAtOnce is how many videos are under way at once, unless --concurrency says fewer.
const savedAtOnce = 4

// destination is where videos go, as the flags say.
type destination struct {
	file      string // for one task; "-" is out
	folder    string
	force     bool
	skip      bool // files that exist
	maxSize   size
	out       io.Writer
	submitted bool // the task may not be stored yet
	once      bool // there is no going on later
}

// destinationFlags adds the flags of commands that download.
func (a *app) destinationFlags(cmd *cobra.Command) *destination {
	to := &destination{out: a.out}
	cmd.Flags().StringVarP(&to.file, "output-file", "O", "", `file for the video; "-" is standard output (default the task's id and format)`)
	cmd.Flags().StringVar(&to.folder, "dir", "", "folder for the videos (default the current one)")
	cmd.Flags().BoolVar(&to.force, "force", false, "replace files that exist")
	cmd.Flags().BoolVar(&to.skip, "skip-existing", false, "leave files that exist, and count their tasks as done")
	cmd.Flags().Var(&to.maxSize, "max-size", "largest video to take, such as 500M (default no limit)")
	cmd.Flags().BoolVar(&a.private, "allow-private", false, "allow videos at addresses of private networks and of this machine")
	_ = cmd.MarkFlagDirname("dir")
	return to
}

// check refuses what cannot work, before anything is sent.
func (d *destination) check(single bool) error {
	switch {
	case d.file != "" && d.folder != "":
		return usageError{errors.New("--output-file and --dir do not go together")}
	case d.force && d.skip:
		return usageError{errors.New("--force and --skip-existing do not go together")}
	case d.file != "" && !single:
		return usageError{errors.New("--output-file takes one task; for several use --dir")}
	case d.streams():
		if isTerminal(d.out) {
			return usageError{errors.New("a video cannot be shown on a terminal: redirect standard output")}
		}
		return nil
	case d.file != "":
		if err := d.checkFile(); err != nil {
			return err
		}
		return isFolder("the folder of --output-file", filepath.Dir(d.file))
	}
	return isFolder("--dir", cmp.Or(d.folder, "."))
}

func (d *destination) checkFile() error {
	info, err := os.Lstat(d.file)
	switch {
	case err != nil: // it is not there, or its folder tells
		return nil
	case info.IsDir():
		return usageError{fmt.Errorf("--output-file: %q is a folder; for a folder use --dir", d.file)}
	case d.skip:
		return nil
	case !d.force:
		return exists(d.file)
	case !info.Mode().IsRegular():
		return usageError{fmt.Errorf("--output-file: %q is no regular file", d.file)}
	}
	return nil
}

// isFolder looks whether files can be made there: a task may be paid for first.
func isFolder(what, name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = errors.New("it is a file")
	}
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", what, err)}
	}
	probe, err := os.CreateTemp(name, ".xiexus-*")
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	_ = probe.Close()
	return os.Remove(probe.Name())
}

func exists(file string) error {
	return fmt.Errorf("create %s: %w; --force replaces it, --skip-existing leaves it", oneLine(file), fs.ErrExist)
}

// streams reports that the video goes to standard output.
func (d *destination) streams() bool { return d.file == "-" }

// path is the file for a task's video.
func (d *destination) path(task *xiexus.Task) string {
	return cmp.Or(d.file, filepath.Join(d.folder, task.FileName()))
}

// there reports a video that is to be left as it is.
func (d *destination) there(task *xiexus.Task) (saved, bool) {
	if !d.skip || d.streams() {
		return saved{}, false
	}
	info, err := os.Stat(d.path(task))
	if err != nil || !info.Mode().IsRegular() {
		return saved{}, false
	}
	return saved{File: d.path(task), Bytes: info.Size()}, true
}

// save brings a task's video there.
func (d *destination) save(ctx context.Context, client *xiexus.Client, task *xiexus.Task, progress func(done, total int64)) (saved, error) {
	options := []xiexus.DownloadOption{xiexus.WithDownloadProgress(progress), xiexus.WithMaxDownloadSize(int64(d.maxSize))}
	if d.streams() {
		_, err := client.Download(ctx, task, d.out, options...)
		return saved{}, err
	}
	if d.force {
		options = append(options, xiexus.WithOverwrite())
	}
	file := d.path(task)
	bytes, err := client.DownloadFile(ctx, task, file, options...)
	if errors.Is(err, fs.ErrExist) {
		return saved{}, fmt.Errorf("%w; --force replaces it, --skip-existing leaves it", err)
	}
	if err != nil {
		return saved{}, err
	}
	return saved{File: file, Bytes: bytes}, nil
}

// flags are those of a command line that goes on.
func (d *destination) flags() []string {
	var flags []string
	if d.file != "" {
		flags = append(flags, "-O", d.file)
	}
	if d.folder != "" {
		flags = append(flags, "--dir", d.folder)
	}
	if d.submitted {
		flags = append(flags, laterFlag)
	}
	if d.force {
		flags = append(flags, "--force")
	}
	if d.skip {
		flags = append(flags, "--skip-existing")
	}
	if d.maxSize > 0 {
		flags = append(flags, "--max-size", d.maxSize.String())
	}
	return flags
}
