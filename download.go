package xiexus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// Download writes the video of a completed task to w and returns how many bytes it wrote.
//
// The video is fetched from wherever the task's URL points: a vendor's CDN, which does not
// receive the key; the relay's own content endpoint, even if the URL has the wrong host or
// is missing; or a data URL. A lost connection is resumed; only consecutive attempts that
// receive nothing new count toward [WithMaxRetries]. If the URL has expired, the task is
// read again for a new one; if that has expired too, the download fails.
//
// For a task that is not completed, the error is [ErrNotCompleted], and for a failed one a
// [*TaskFailedError]; an invalid task ID or option is reported as such. In these cases
// nothing is sent. Any other error is a [*DownloadError] that wraps the reason:
// [ErrAddressRefused], [ErrLinkExpired], [ErrIncomplete], [ErrChecksum],
// [ErrResponseTooLarge], [ErrUnexpectedResponse], [ErrUnavailable], an [*APIError], the
// error of w, or the error of ctx. Only ctx limits the total time; [WithRequestTimeout]
// limits how long a connection may be idle.
func (c *Client) Download(ctx context.Context, task *Task, w io.Writer, opts ...DownloadOption) (int64, error) {
	d, err := c.newDownload(task, opts)
	if err != nil {
		return 0, err
	}
	if w == nil {
		return 0, d.failed(download.Result{}, errors.New("writer must not be nil"))
	}
	result, err := d.transfer(ctx).ToWriter(ctx, w)
	return result.Received, d.failed(result, err)
}

// DownloadFile downloads the video to a file and returns its size; see [Client.Download].
// The file appears only when the video is complete. Until then the received bytes are kept
// in the directory path + ".part"; after an error, an interrupt or a crash, calling
// DownloadFile again for the same task resumes from there. If the file already exists, the
// error wraps [io/fs.ErrExist] and nothing is sent, unless [WithOverwrite] is set. The
// file is not fsynced: a power failure shortly afterwards can lose it.
func (c *Client) DownloadFile(ctx context.Context, task *Task, path string, opts ...DownloadOption) (int64, error) {
	d, err := c.newDownload(task, opts)
	if err != nil {
		return 0, err
	}
	result, err := d.transfer(ctx).ToFile(ctx, path, task.TaskID, d.overwrite)
	if err != nil && result.Partial == "" {
		return 0, d.failed(result, err)
	}
	return result.Received, d.failed(result, err)
}

// videoDownload is one call of [Client.Download] or [Client.DownloadFile].
type videoDownload struct {
	downloadConfig
	client *Client
	task   *Task // with its latest URL
}

func (c *Client) newDownload(task *Task, opts []DownloadOption) (*videoDownload, error) {
	if task == nil {
		return nil, fmt.Errorf("%w: task must not be nil", ErrNotCompleted)
	}
	if err := c.checkTaskID(task.TaskID); err != nil {
		return nil, err
	}
	d := &videoDownload{client: c, task: task}
	err := task.Err()
	if err == nil && task.Status != StatusCompleted {
		err = fmt.Errorf("%w: status is %q; wait for the task first", ErrNotCompleted, task.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("download task %q: %w", task.TaskID, err)
	}
	return d, apply(&d.downloadConfig, opts)
}

func (d *videoDownload) transfer(ctx context.Context) download.Transfer {
	taskID := slog.String("task_id", d.task.TaskID)
	return download.Transfer{
		Open:     d.open,
		Retry:    d.client.retries(ctx, retryDownload, "download interrupted, retrying", taskID),
		MaxSize:  d.maxSize,
		Progress: d.progress,
	}
}

func (d *videoDownload) failed(result download.Result, err error) error {
	if err == nil {
		return nil
	}
	return &DownloadError{
		TaskID: d.task.TaskID, Received: result.Received, Size: cmp.Or(result.Size, -1), Partial: result.Partial, reason: err,
	}
}

// open requests the video from an offset on. If the URL has expired, it does so at the
// task's latest URL, if that is a different one.
func (d *videoDownload) open(ctx context.Context, offset int64, validator string) (*http.Response, error) {
	resp, err := d.openOnce(ctx, offset, validator)
	if errors.Is(err, ErrLinkExpired) {
		if err = d.renew(ctx, err); err == nil {
			resp, err = d.openOnce(ctx, offset, validator)
		}
	}
	return resp, err
}

// renew reads the task again because its URL has expired.
func (d *videoDownload) renew(ctx context.Context, expired error) error {
	task, err := d.client.Get(ctx, d.task.TaskID)
	if err == nil {
		err = task.Err()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w; %w", expired, err)
	case task.Status != StatusCompleted || task.URL == d.task.URL:
		return expired
	}
	d.task = task
	return nil
}

func (d *videoDownload) openOnce(ctx context.Context, offset int64, validator string) (*http.Response, error) {
	c := d.client
	video, err := location.Parse(cmp.Or(d.task.URL, d.task.rejectedURL), d.task.TaskID)
	remote := video.URL != nil
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAddressRefused, err)
	case video.Data != "":
		return location.OpenData(video.Data)
	case remote && c.keys.In(video.URL.String()):
		return nil, fmt.Errorf("%w: URL contains the API key", ErrAddressRefused)
	}
	var req *http.Request
	if remote {
		req, err = http.NewRequestWithContext(ctx, http.MethodGet, video.URL.String(), http.NoBody)
	} else {
		req, err = d.contentRequest(ctx)
	}
	if err != nil {
		return nil, err
	}
	client := download.Client{
		HTTP: c.videos, Relay: auth.OriginOf(c.base), UserAgent: c.userAgent, IdleTimeout: c.requestTimeout, Logger: c.logger,
	}
	resp, err := client.Open(req, remote, offset, validator)
	switch {
	case err != nil:
		return nil, err
	case !download.HasVideo(resp):
		return nil, d.apiError(resp)
	}
	return resp, nil
}

// contentRequest returns a request to the relay's content endpoint, within the rate limit.
func (d *videoDownload) contentRequest(ctx context.Context) (*http.Request, error) {
	if err := d.client.waitForTurn(ctx); err != nil {
		return nil, err
	}
	return d.client.prepare(ctx, func(ctx context.Context) (*http.Request, error) {
		return d.client.api.RequestGetVideoContent(ctx, d.task.TaskID)
	})
}

// apiError returns the error of a response without a video.
func (d *videoDownload) apiError(resp *http.Response) error {
	keys := d.client.keys
	failure := relay.Reader{MaxSize: d.client.maxResponseSize, Redactor: keys}.ReadFailure(resp)
	apiErr := newAPIError(failure, resp.Request.Method, keys.RedactString(location.Printable(resp.Request.URL)))
	if resp.StatusCode/100 == 3 {
		apiErr.Message = "redirect not followed" // not where to: that may give access to the video
	}
	return apiErr
}
