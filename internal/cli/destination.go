package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
	"github.com/xiexus/xiexus-go/internal/location"
)

// destination is where videos are saved: the flags of commands that download.
type destination struct {
	file         string // for a single task; "-" is standard output
	dir          string
	force        bool
	skipExisting bool
	maxSize      size
	allowPrivate bool

	noResume bool // the download cannot be resumed later
}

func (d *destination) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVarP(&d.file, "output-file", "O", "", `file for the video; "-" is standard output (default derived from the task's ID and format)`)
	flags.StringVar(&d.dir, "dir", "", "directory for the videos, made if it does not exist (default the current directory)")
	flags.BoolVar(&d.force, "force", false, "replace existing files")
	flags.BoolVar(&d.skipExisting, "skip-existing", false, "keep existing files and treat their tasks as done, without reading them")
	flags.Var(&d.maxSize, "max-size", "maximum size of a video, such as 500M (default no limit)")
	flags.BoolVar(&d.allowPrivate, "allow-private", false, "allow downloads from this machine and from private networks")
	_ = cmd.MarkFlagDirname("dir")
}

// args returns the flags as they are given to a command that resumes this one.
func (d *destination) args() []string {
	var args []string
	if d.file != "" {
		args = append(args, "-O", d.file)
	}
	if d.dir != "" {
		args = append(args, "--dir", d.dir)
	}
	if d.force {
		args = append(args, "--force")
	}
	if d.skipExisting {
		args = append(args, "--skip-existing")
	}
	if d.maxSize > 0 {
		args = append(args, "--max-size", strconv.FormatInt(int64(d.maxSize), 10))
	}
	if d.allowPrivate {
		args = append(args, "--allow-private")
	}
	return args
}

// clientOptions returns the options for the client that downloads.
func (d *destination) clientOptions() []xiexus.Option {
	if d.allowPrivate {
		return []xiexus.Option{xiexus.WithPrivateAddresses()}
	}
	return nil
}

// isStdout reports whether the video is written to standard output.
func (d *destination) isStdout() bool { return d.file == "-" }

// path returns the file for a task's first video.
func (d *destination) path(task *xiexus.Task) string { return d.pathOf(task, 0) }

// pathOf returns the file for one of a task's videos.
func (d *destination) pathOf(task *xiexus.Task, index int) string {
	switch {
	case d.file == "":
		return filepath.Join(d.dir, task.VideoFileName(index))
	case index == 0:
		return d.file
	}
	extension := filepath.Ext(d.file)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(d.file, extension), index+1, extension)
}

// output returns the absolute path of the file or the directory for videos, or nothing for
// standard output.
func (d *destination) output() string {
	if d.isStdout() {
		return ""
	}
	return absolute(cmp.Or(d.file, d.dir, "."))
}

// existing returns the file of a task's video if it exists and is to be kept. Which format
// the video has is not known before the task is read.
func (d *destination) existing(taskID string) (saved, bool) {
	if !d.skipExisting || d.isStdout() {
		return saved{}, false
	}
	task := &xiexus.Task{}
	task.TaskID = taskID
	for _, task.Format = range location.Extensions() {
		if info, err := os.Stat(d.path(task)); err == nil && info.Mode().IsRegular() {
			return saved{File: d.path(task), Bytes: info.Size()}, true
		}
	}
	return saved{}, false
}

// save downloads a task's videos. The first is saved last: if its file exists, none is
// missing but those that a later download would not get either. It returns their errors.
func (d *destination) save(ctx context.Context, client *xiexus.Client, task *xiexus.Task, stdout io.Writer, progress func(done, total int64)) (saved, error) {
	options := []xiexus.DownloadOption{xiexus.WithDownloadProgress(progress), xiexus.WithMaxDownloadSize(int64(d.maxSize))}
	if d.isStdout() {
		_, err := client.Download(ctx, task, stdout, options...)
		return saved{}, err
	}
	if d.force {
		options = append(options, xiexus.WithOverwrite())
	}
	var files []string
	var first saved
	var missing error
	for index := max(len(task.URLs), 1) - 1; index >= 0; index-- {
		var err error
		first, err = d.saveFile(ctx, client, task, index, options)
		switch {
		case err == nil:
			files = append(files, first.File)
		case index > 0 && (errors.Is(err, xiexus.ErrUnexpectedResponse) || errors.Is(err, xiexus.ErrLinkExpired)):
			missing = errors.Join(missing, fmt.Errorf("video %d of %d: %w", index+1, len(task.URLs), err))
		default:
			return saved{}, errors.Join(missing, err)
		}
	}
	if len(files) > 1 {
		slices.Reverse(files)
		first.Files = files
	}
	return first, missing
}

// saveFile downloads one of a task's videos.
func (d *destination) saveFile(ctx context.Context, client *xiexus.Client, task *xiexus.Task, index int, options []xiexus.DownloadOption) (saved, error) {
	file := d.pathOf(task, index)
	options = append(slices.Clip(options), xiexus.WithVideoIndex(index))
	if d.file == "" {
		options = append(options, xiexus.WithDetectedExtension(func(path string) { file = path }))
	}
	bytes, err := client.DownloadFile(ctx, task, file, options...)
	var exists *fs.PathError
	switch {
	case d.skipExisting && errors.As(err, &exists) && errors.Is(exists, fs.ErrExist): // under its actual extension
		return saved{File: exists.Path, Bytes: sizeOf(exists.Path)}, nil
	case err != nil:
		return saved{}, err
	}
	return saved{File: file, Bytes: bytes}, nil
}

// sizeOf returns the size of a file, or 0 if there is none by now.
func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// check reports what cannot work before a task is created or waited for.
func (d *destination) check(stdout io.Writer, single bool) error {
	switch {
	case d.file != "" && d.dir != "":
		return usageError{errors.New("--output-file and --dir cannot be used together")}
	case d.force && d.skipExisting:
		return usageError{errors.New("--force and --skip-existing cannot be used together")}
	case d.file != "" && !single:
		return usageError{errors.New("--output-file works with a single task only; use --dir for several")}
	case d.isStdout() && screen.IsTerminal(stdout):
		return usageError{errors.New("refusing to write a video to the terminal; redirect standard output")}
	case d.isStdout():
		return nil
	case d.file == "":
		return d.makeDir()
	}
	if err := checkDir("the directory of --output-file", filepath.Dir(d.file)); err != nil {
		return err
	}
	return d.checkFile()
}

// makeDir makes the directory for the videos, unless it exists.
func (d *destination) makeDir() error {
	dir := cmp.Or(d.dir, ".")
	if err := os.MkdirAll(dir, 0o777); err != nil { // as the user's umask allows
		return usageError{fmt.Errorf("--dir: %w", err)}
	}
	return checkDir("--dir", dir)
}

func (d *destination) checkFile() error {
	info, err := os.Lstat(d.file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usageError{fmt.Errorf("--output-file: %w", err)}
	case info.IsDir():
		return usageError{fmt.Errorf("--output-file: %q is a directory; use --dir", d.file)}
	case d.skipExisting:
		return nil
	case !d.force:
		return fmt.Errorf("create %s: %w; use --force to replace it or --skip-existing to keep it", screen.Line(d.file), fs.ErrExist)
	case !info.Mode().IsRegular():
		return usageError{fmt.Errorf("--output-file: %q is not a regular file", d.file)}
	}
	return nil
}

// checkDir checks that files can be created in a directory.
func checkDir(what, name string) error {
	info, err := os.Stat(name)
	if err == nil && !info.IsDir() {
		err = errors.New("not a directory")
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
