package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// destination is where videos are saved: the flags of commands that download.
type destination struct {
	file         string // for a single task; "-" is standard output
	dir          string
	name         nameTemplate // of the files, or empty for the default
	force        bool
	skipExisting bool
	maxSize      size
	allowPrivate bool

	noResume bool // the download cannot be resumed later

	// request returns the model and the prompt of a task, if they differ among the tasks.
	request func(taskID string) (model, prompt string)
}

func (d *destination) register(cmd *cobra.Command, nameFields []string) {
	flags := cmd.Flags()
	flags.StringVarP(&d.file, "output-file", "O", "", `file for the video; "-" is standard output (default derived from the task's ID and format)`)
	flags.StringVar(&d.dir, "dir", "", "directory for the videos, made if it does not exist (default the current directory)")
	flags.Var(nameFlag{&d.name, nameFields}, "name", `names of the files, such as "{date}-{id}.{ext}" (default derived from each task's ID and format)`)
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
	if d.name != "" {
		args = append(args, "--name", string(d.name))
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

// output returns the absolute path of the file or the directory for videos, or nothing for
// standard output.
func (d *destination) output() string {
	if d.isStdout() {
		return ""
	}
	return absolute(cmp.Or(d.file, d.dir, "."))
}

// check reports what cannot work before a task is created or waited for.
func (d *destination) check(stdout io.Writer, single bool) error {
	switch {
	case d.file != "" && d.dir != "":
		return usageError{errors.New("--output-file and --dir cannot be used together")}
	case d.file != "" && d.name != "":
		return usageError{errors.New("--output-file and --name cannot be used together")}
	case d.force && d.skipExisting:
		return usageError{errors.New("--force and --skip-existing cannot be used together")}
	case d.file != "" && !single:
		return usageError{errors.New("--output-file works with a single task only; use --dir for several")}
	case d.name != "" && !single && !d.name.has("{id}"):
		return usageError{errors.New("--name must contain {id} unless there is a single task, or several tasks may have the same file")}
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
	return d.checkFile("--output-file", d.file)
}

// makeDir makes the directory for the videos, unless it exists.
func (d *destination) makeDir() error {
	dir := cmp.Or(d.dir, ".")
	if err := os.MkdirAll(dir, 0o777); err != nil { // as the user's umask allows
		return usageError{fmt.Errorf("--dir: %w", err)}
	}
	return checkDir("--dir", dir)
}

// checkFile checks whether a video can be saved as a file that a flag names.
func (d *destination) checkFile(flag, name string) error {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return usageError{fmt.Errorf("%s: %w", flag, err)}
	case info.IsDir():
		return usageError{fmt.Errorf("%s: %q is a directory; use --dir", flag, name)}
	case d.skipExisting:
		return nil
	case !d.force:
		return fmt.Errorf("create %s: %w; use --force to replace it or --skip-existing to keep it", screen.Line(name), fs.ErrExist)
	case !info.Mode().IsRegular():
		return usageError{fmt.Errorf("%s: %q is not a regular file", flag, name)}
	}
	return nil
}

// checkNew checks, before a task is created, whether its video can be saved. It returns the
// file that is to be kept instead, or nothing. With {id}, no name is known yet.
func (d *destination) checkNew() (kept string, err error) {
	flag, names := "--output-file", []string{d.file}
	switch {
	case d.isStdout(), d.file == "" && (d.name == "" || d.name.has("{id}")):
		return "", nil
	case d.file == "":
		flag, names = "--name", d.candidates("")
	}
	for _, name := range names {
		if err := d.checkFile(flag, name); err != nil {
			return "", err
		}
		if _, err := os.Lstat(name); err == nil && d.skipExisting {
			return name, nil
		}
	}
	return "", nil
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
