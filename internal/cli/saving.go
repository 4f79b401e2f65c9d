package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/location"
)

// isStdout reports whether the video is written to standard output.
func (d *destination) isStdout() bool { return d.file == "-" }

// path returns the file for a task's first video.
func (d *destination) path(task *xiexus.Task) string { return d.pathOf(task, 0) }

// pathOf returns the file for one of a task's videos.
func (d *destination) pathOf(task *xiexus.Task, index int) string {
	switch {
	case d.file == "" && d.name != "":
		return filepath.Join(d.dir, d.nameOf(task.TaskID).fileName(task, index))
	case d.file == "":
		return filepath.Join(d.dir, task.VideoFileName(index))
	case index == 0:
		return d.file
	}
	extension := filepath.Ext(d.file)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(d.file, extension), index+1, extension)
}

// nameOf returns the template for the names of a task's files.
func (d *destination) nameOf(taskID string) nameTemplate {
	if d.request == nil {
		return d.name
	}
	return d.name.withRequest(d.request(taskID))
}

// candidates returns the files that a task's first video may be saved as: which format it
// has is not known before it is downloaded.
func (d *destination) candidates(taskID string) []string {
	var names []string
	task := &xiexus.Task{}
	task.TaskID = taskID
	for _, task.Format = range location.Extensions() {
		names = append(names, d.path(task))
	}
	return names
}

// existing returns the file of a task's video if it exists and is to be kept. The day of the
// task is not known before the task is read.
func (d *destination) existing(taskID string) (saved, bool) {
	if !d.skipExisting || d.isStdout() || d.name.has("{date}") {
		return saved{}, false
	}
	for _, name := range d.candidates(taskID) {
		if info, err := os.Stat(name); err == nil && info.Mode().IsRegular() {
			return saved{File: name, Bytes: info.Size()}, true
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
