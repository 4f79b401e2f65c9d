package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

// save downloads the videos of a task. The first one is saved last: if its file exists, the
// others do too.
func (f *Fetcher) save(ctx context.Context, result outcome.Result) (Saved, error) {
	task := result.Task
	if task == nil || len(result.Omitted) > 0 { // the result had no room for it
		var err error
		if task, err = f.client.Get(ctx, result.TaskID); err != nil {
			return Saved{}, fmt.Errorf("read the task: %w", err)
		}
	}
	var saved Saved
	var files []string
	for index := max(len(task.URLs), 1) - 1; index >= 0; index-- {
		var err error
		if saved, err = f.saveOne(ctx, task, index); err != nil {
			return Saved{}, err
		}
		files = append(files, saved.File)
	}
	if len(files) > 1 {
		slices.Reverse(files)
		saved.Files = files
	}
	return saved, nil
}

func (f *Fetcher) saveOne(ctx context.Context, task *xiexus.Task, index int) (Saved, error) {
	saved := Saved{File: filepath.Join(f.Dir, task.VideoFileName(index))}
	var err error
	saved.Bytes, err = f.client.DownloadFile(ctx, task, saved.File, xiexus.WithVideoIndex(index),
		xiexus.WithDetectedExtension(func(path string) { saved.File = path }))
	var exists *fs.PathError
	if errors.As(err, &exists) && errors.Is(exists, fs.ErrExist) { // maybe with its actual extension
		info, err := os.Stat(exists.Path)
		if err != nil {
			return Saved{}, err
		}
		return Saved{File: exists.Path, Bytes: info.Size(), Existed: true}, nil
	}
	return saved, err
}
