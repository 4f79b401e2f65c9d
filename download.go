package xiexus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// Download writes the video of a completed task to w and returns how many bytes it wrote.
//
// The video is fetched from wherever the task's URL points: a vendor's CDN, which does not
// receive the key; the relay's own endpoint, even if the URL has the wrong host or is
// missing; or a data URL. What is received must begin like a video, whatever its content
// type; a compressed one is decompressed.
//
// A lost connection is resumed; only consecutive attempts that receive nothing new count
// toward [WithMaxRetries]. A server that is unavailable is retried for at least a minute. If
// the URL has expired, the task is read again for a new one; if that has expired too, the
// download fails. The video of a task that has just finished may not be there yet: then a
// 404 and the like are retried for a minute too.
//
// For a task that is not completed, the error is [ErrNotCompleted], and for a failed one a
// [*TaskFailedError]; an invalid task ID or option is reported as such. In these cases
// nothing is sent. Any other error is a [*DownloadError] that wraps the reason:
// [ErrAddressRefused], [ErrLinkExpired], [ErrNoVideo], [ErrIncomplete], [ErrChecksum],
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
	result, err := d.transfer(ctx).ToFile(ctx, download.File{
		Path: path, ID: d.id(), Overwrite: d.overwrite, DetectExtension: d.savedAs != nil && task.hasNoExtension(d.index),
	})
	switch {
	case err != nil && result.Partial == "":
		result.Received = 0
	case err == nil && d.savedAs != nil:
		d.savedAs(result.Path)
	}
	return result.Received, d.failed(result, err)
}

// videoDownload is one call of [Client.Download] or [Client.DownloadFile].
type videoDownload struct {
	downloadConfig
	client  *Client
	task    *Task // with its latest URL
	renewed bool  // the URL has been read again since it last worked
}

func (c *Client) newDownload(task *Task, opts []DownloadOption) (*videoDownload, error) {
	if task == nil {
		return nil, fmt.Errorf("%w: task must not be nil", ErrNotCompleted)
	}
	if err := c.checkTaskID(task.TaskID); err != nil {
		return nil, err
	}
	d := &videoDownload{client: c, task: task, downloadConfig: downloadConfig{minSpeed: 1 << 10}}
	err := task.Err()
	if err == nil && !task.isCompleted() {
		err = fmt.Errorf("%w: status is %q; wait for the task first", ErrNotCompleted, task.Status)
	}
	if err != nil {
		return nil, fmt.Errorf("download task %q: %w", task.TaskID, err)
	}
	if err := apply(&d.downloadConfig, opts); err != nil {
		return nil, err
	}
	if videos := max(len(task.URLs), 1); d.index >= videos {
		return nil, fmt.Errorf("xiexus: WithVideoIndex: the task has %d videos, but none with the index %d", videos, d.index)
	}
	return d, nil
}

// id identifies the video among those of all tasks.
func (d *videoDownload) id() string {
	if d.index == 0 {
		return d.task.TaskID
	}
	return fmt.Sprintf("%s/%d", d.task.TaskID, d.index) // IDs have no slash
}

func (d *videoDownload) transfer(ctx context.Context) download.Transfer {
	taskID := slog.String("task_id", d.task.TaskID)
	return download.Transfer{
		Open:     d.open,
		Retry:    d.client.retries(ctx, d.judge, "download interrupted, retrying", taskID),
		MaxSize:  d.maxSize,
		Progress: d.progress,
	}
}

func (d *videoDownload) failed(result download.Result, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w; use WithOverwrite to replace it", err)
	}
	return &DownloadError{
		TaskID: d.task.TaskID, Received: result.Received, Size: cmp.Or(result.Size, -1), Partial: result.Partial,
		startsOver: result.StartsOver, reason: d.client.keys.RedactError(d.task.explainNoVideo(err)),
	}
}

// open requests the video from an offset on. If the URL has expired, it does so at the
// task's latest URL, if that is a different one.
func (d *videoDownload) open(ctx context.Context, offset int64, validator string) (*http.Response, error) {
	resp, err := d.openOnce(ctx, offset, validator)
	if errors.Is(err, ErrLinkExpired) && !d.renewed {
		if err = d.renew(ctx, err); err == nil {
			resp, err = d.openOnce(ctx, offset, validator)
		}
	}
	if err == nil {
		d.renewed = false
	}
	return resp, err
}

// renew reads the task again because its URL has expired.
func (d *videoDownload) renew(ctx context.Context, expired error) error {
	d.renewed = true
	task, err := d.client.Get(ctx, d.task.TaskID)
	if err == nil {
		err = task.Err()
	}
	switch {
	case err != nil:
		return fmt.Errorf("%w; %w", expired, err)
	case !task.isCompleted() || task.videoURL(d.index) == d.task.videoURL(d.index), d.index >= max(len(task.URLs), 1):
		return expired
	}
	task.finishSeen = d.task.finishSeen
	d.task = task
	return nil
}

func (d *videoDownload) openOnce(ctx context.Context, offset int64, validator string) (*http.Response, error) {
	c := d.client
	video, err := location.Parse(cmp.Or(d.task.videoURL(d.index), d.task.rejectedURL), d.task.TaskID)
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %w", ErrAddressRefused, err)
	case video.Data != "":
		return location.OpenData(video.Data)
	}
	req, err := d.request(ctx, video)
	if err != nil {
		return nil, err
	}
	client := download.Client{
		HTTP: c.videoClient(), Relay: auth.OriginOf(c.base), UserAgent: c.userAgent,
		IdleTimeout: c.requestTimeout, MinSpeed: d.minSpeed, Logger: c.logger,
	}
	resp, err := client.Open(req, offset, validator)
	switch {
	case err != nil:
		return nil, err
	case download.HasVideo(resp):
		return resp, nil
	}
	apiErr := d.apiError(resp)
	if isRemote := video.URL != nil || video.Artifact != ""; client.IsExpired(resp, isRemote) {
		return nil, &expiredError{apiErr}
	}
	return nil, apiErr
}

// request returns a request for a video, within the rate limit if it is to an endpoint of
// the relay.
func (d *videoDownload) request(ctx context.Context, video location.Location) (*http.Request, error) {
	c := d.client
	address := video.Query
	if video.URL != nil {
		address = video.URL.String()
	}
	if c.keys.In(address) {
		return nil, fmt.Errorf("%w: URL contains the API key", ErrAddressRefused)
	}
	if video.URL != nil {
		return http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	}
	if err := c.waitForTurn(ctx); err != nil {
		return nil, err
	}
	return c.prepare(ctx, func(ctx context.Context) (*http.Request, error) {
		req, err := c.api.RequestGetVideoContent(ctx, d.task.TaskID)
		if err != nil {
			return nil, err
		}
		if video.Artifact != "" { // not in the OpenAPI document
			req.URL = c.base.JoinPath("v1", "tasks", url.PathEscape(d.task.TaskID), "artifacts", url.PathEscape(video.Artifact), "content")
		}
		req.URL.RawQuery = video.Query
		return req, nil
	})
}

// apiError returns the error of a response without a video.
func (d *videoDownload) apiError(resp *http.Response) *APIError {
	keys := d.client.keys
	failure := relay.Reader{MaxSize: d.client.maxResponseSize, Redactor: keys}.ReadFailure(resp)
	apiErr := newAPIError(failure, resp.Request.Method, keys.RedactString(location.Printable(resp.Request.URL)))
	if resp.StatusCode/100 == 3 {
		apiErr.Message = "redirect not followed" // not where to: that may give access to the video
	}
	return apiErr
}
