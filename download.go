package xiexus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/xiexus/xiexus-go/internal/fetch"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// FileName returns a name for the task's video: the id, with other signs than
// letters, digits, "-", "_" and "." replaced, and the extension of the format;
// ".mp4" where none is known. It is the name of a file in any folder, whatever the
// relay has answered.
func (t *Task) FileName() string { return fetch.FileName(t.TaskID, t.Format, t.URL) }

// Download writes the video of a completed task to w and returns how many bytes
// it wrote.
//
// The video is fetched from wherever the task's address leads: a vendor's CDN,
// which does not get the key; the relay's own route for videos, also where the
// address has the wrong host or is missing; or a data URL. Where a connection
// breaks, the next goes on behind what has come, which WithMaxRetries limits only
// while nothing new comes. An address that has expired is read anew, once; one that
// was good for a while may expire again.
//
// A task that is not completed is ErrNotCompleted, a failed one its
// *TaskFailedError; neither asks. Everything else is a *DownloadError, which says
// how far it came and wraps the reason: ErrAddressRefused, ErrLinkExpired,
// ErrIncomplete, ErrChecksum, ErrResponseTooLarge, ErrUnexpectedResponse,
// ErrUnavailable, an *APIError, or the context's error. Time is limited by ctx
// alone: WithRequestTimeout is for how long a connection may be silent.
func (c *Client) Download(ctx context.Context, task *Task, w io.Writer, opts ...DownloadOption) (int64, error) {
	d, err := c.newDownload(task, opts)
	if err != nil {
		return 0, err
	}
	if w == nil {
		return 0, d.failed(0, "", errors.New("the writer is nil"))
	}
	n, err := d.transfer(stream{w}).Run(ctx)
	if err != nil {
		return n, d.failed(n, "", err)
	}
	return n, nil
}

// DownloadFile is Download into a file and returns its size. The file appears
// when the video is whole. Until then what has come is in a folder beside it, path
// with ".part" appended, and after an error, an interrupt or a crash another
// DownloadFile for the same task goes on there. An existing file is fs.ErrExist
// before anything is sent, unless WithOverwrite is given. The disk is not waited
// for: only a power cut just after can still lose the file.
func (c *Client) DownloadFile(ctx context.Context, task *Task, path string, opts ...DownloadOption) (int64, error) {
	d, err := c.newDownload(task, opts)
	if err != nil {
		return 0, err
	}
	file, err := fetch.OpenFile(path, task.TaskID, d.overwrite)
	if err != nil {
		return 0, d.failed(0, "", err)
	}
	transfer := d.transfer(file)
	transfer.Held, transfer.Known = file.Held()
	d.total = transfer.Known.Size
	n, err := transfer.Run(ctx)
	if err == nil {
		err = file.Commit()
		return n, d.failed(n, file.Left(), err)
	}
	if n == 0 || isUseless(err) {
		return 0, d.failed(n, "", errors.Join(err, file.Discard()))
	}
	return n, d.failed(n, file.Left(), errors.Join(err, file.Close()))
}

// isUseless reports an error after which the bytes that came are good for nothing.
func isUseless(err error) bool {
	return errors.Is(err, fetch.ErrChecksum) || errors.Is(err, fetch.ErrTooLarge)
}

// download is one call of Download or DownloadFile.
type download struct {
	downloadConfig
	client *Client
	video  video
	total  int64
}

func (c *Client) newDownload(task *Task, opts []DownloadOption) (*download, error) {
	if err := c.checkDownload(task); err != nil {
		return nil, err
	}
	d := &download{client: c, video: video{client: c, task: task}, total: -1}
	for _, opt := range opts {
		if opt != nil {
			opt(&d.downloadConfig)
		}
	}
	if err := d.check(); err != nil {
		return nil, fmt.Errorf("download task %q: %w", task.TaskID, err)
	}
	return d, nil
}

// checkDownload refuses a task that has no video to fetch.
func (c *Client) checkDownload(task *Task) error {
	if task == nil {
		return fmt.Errorf("%w: the task is nil", ErrNotCompleted)
	}
	if err := c.checkTaskID(task.TaskID); err != nil {
		return err
	}
	if err := task.Err(); err != nil {
		return fmt.Errorf("download task %q: %w", task.TaskID, err)
	}
	if task.Status != StatusCompleted {
		return fmt.Errorf("download task %q: %w: it is %q; wait for it first", task.TaskID, ErrNotCompleted, task.Status)
	}
	return nil
}

func (d *download) transfer(to fetch.Target) fetch.Transfer {
	return fetch.Transfer{
		Ready:      d.video.ready,
		Open:       d.video.open,
		Renew:      d.video.renew,
		To:         to,
		MaxSize:    d.maxSize,
		Stall:      d.client.requestTimeout,
		MaxRetries: d.client.maxRetries,
		Judge:      judgeVideo,
		Notify:     d.notify,
		Progress:   d.progressed,
	}
}

// judgeVideo says whether an error of asking for a video is worth another try.
func judgeVideo(err error) retry.Verdict {
	if errors.Is(err, ErrAddressRefused) || errors.Is(err, ErrLinkExpired) {
		return retry.Verdict{}
	}
	return judge(err)
}

func (d *download) notify(err error, delay time.Duration) {
	d.client.logger.LogAttrs(context.Background(), slog.LevelWarn, "the download broke off, trying again",
		slog.String("task_id", d.video.task.TaskID), slog.Any("error", err), slog.Duration("delay", delay))
}

func (d *download) progressed(done, total int64) {
	d.total = total
	if d.progress != nil {
		d.progress(done, total)
	}
}

// failed is the error of a download that has come so far.
func (d *download) failed(received int64, partial string, err error) error {
	if err == nil {
		return nil
	}
	switch {
	case errors.Is(err, fetch.ErrTooLarge):
		err = &namedError{error: err, name: ErrResponseTooLarge}
	case errors.Is(err, fetch.ErrNoVideo), errors.Is(err, fetch.ErrData):
		err = &namedError{error: err, name: ErrUnexpectedResponse}
	}
	return &DownloadError{
		TaskID: d.video.task.TaskID, Received: received, Size: cmp.Or(d.total, -1), Partial: partial, reason: err,
	}
}

// namedError is an error that has a name in this package too.
type namedError struct {
	error
	name error
}

func (e *namedError) Unwrap() []error { return []error{e.error, e.name} }

// stream is a writer as a target.
type stream struct{ io.Writer }

func (stream) Restart() error            { return errors.ErrUnsupported }
func (stream) Note(fetch.Identity) error { return nil }
