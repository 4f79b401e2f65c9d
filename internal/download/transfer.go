// Package download copies a video to a writer or a file. It resumes after a lost
// connection, verifies what it received, and creates a file only when it is complete.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// The kinds of errors of a transfer.
var (
	// ErrIncomplete means that the responses ended before the video did.
	ErrIncomplete = errors.New("download incomplete")
	// ErrChanged means that the video has changed on the server, and that what was received
	// before cannot be discarded.
	ErrChanged = fmt.Errorf("%w: video changed on the server", ErrIncomplete)
	// ErrChecksum means that the video does not match the server's checksum or length.
	ErrChecksum = errors.New("checksum or length mismatch")
	// ErrTooLarge means that the video is larger than [Transfer.MaxSize].
	ErrTooLarge = errors.New("the video is too large")
	// ErrNotVideo means that the response is a page or an error message.
	ErrNotVideo = errors.New("the response is not a video")
	// ErrTarget means that the video could not be written.
	ErrTarget = errors.New("cannot write the video")
)

// Transfer copies one video, over as many responses as it takes.
type Transfer struct {
	// Open requests the video from an offset on. The validator identifies the version that
	// the bytes before it are part of. Responses have the status 200, 206 or 416.
	Open func(ctx context.Context, offset int64, validator string) (*http.Response, error)
	// Retry limits the consecutive retries that receive nothing new, and judges the errors
	// of Open that are not of this package.
	Retry retry.Policy
	// MaxSize is the size of the largest video to accept, in bytes; 0 means no limit.
	MaxSize int64
	// Progress, if set, is called after each write with the number of bytes received so far
	// and the size of the video, or -1.
	Progress func(done, total int64)
}

// Result reports how far a transfer got.
type Result struct {
	// Received is how many bytes of the video were received.
	Received int64
	// Size is the size of the video in bytes, or -1 if it is not known.
	Size int64
	// Partial is the directory from which a later transfer can resume, or empty.
	Partial string
}

// ToWriter copies the video to w.
func (t Transfer) ToWriter(ctx context.Context, w io.Writer) (Result, error) {
	return t.copyTo(ctx, stream{w})
}

// ToFile copies the video of a task to a file, which appears when it is complete. It
// resumes an earlier transfer for the same path and task. If the file exists, it returns
// [io/fs.ErrExist], unless the file is to be overwritten.
func (t Transfer) ToFile(ctx context.Context, path, taskID string, overwrite bool) (Result, error) {
	f, err := openFile(path, taskID, overwrite)
	if err != nil {
		return Result{Size: -1}, err
	}
	result, err := t.copyTo(ctx, f)
	switch {
	case err == nil:
		err = f.publish()
	case result.Received == 0, errors.Is(err, ErrChecksum), errors.Is(err, ErrTooLarge): // nothing to resume from
		err = errors.Join(err, f.discard())
	default:
		err = errors.Join(err, f.close())
	}
	if err != nil {
		result.Partial = f.partial()
	}
	return result, err
}

func (t Transfer) copyTo(ctx context.Context, to target) (Result, error) {
	r := &run{Transfer: t, to: to, version: Version{Size: -1}, crc: newCRC(), buffer: make([]byte, 256<<10)}
	err := r.resume()
	if err == nil {
		err = r.complete(ctx)
	}
	return Result{Received: r.size, Size: r.version.Size}, err
}

// maxShorter bounds how many consecutive responses from the start may end sooner than an
// earlier one: a server without ranges may interrupt each anywhere.
const maxShorter = 30

// complete requests the missing bytes until there are none.
func (r *run) complete(ctx context.Context) error {
	stuck, shorter := 0, 0 // consecutive attempts that received nothing new
	for {
		before := r.size
		err := r.attempt(ctx)
		switch {
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return retry.Cause(ctx)
		case errors.Is(err, errMore) && r.size > before:
			continue
		case errors.Is(err, errRange) && !r.noRanges:
			r.noRanges = true
			continue
		case r.size > before:
			stuck, shorter = 0, 0
		case r.offset > 0 && r.offset < before:
			shorter++
		default:
			stuck++
		}
		verdict, limit := r.judge(err), r.Retry.MaxRetries
		if !verdict.Retry || limit == 0 || stuck > limit || shorter > maxShorter {
			return err
		}
		delay := verdict.Delay(100*time.Millisecond, max(stuck-1, 0))
		r.Retry.Notify(err, delay)
		if err := retry.Sleep(ctx, delay); err != nil {
			return err
		}
	}
}

// judge decides whether an error is retried.
func (t Transfer) judge(err error) retry.Verdict {
	switch {
	case errors.Is(err, ErrTarget), errors.Is(err, ErrChanged), errors.Is(err, ErrLinkExpired): // even if they wrap others
		return retry.Verdict{}
	case errors.Is(err, ErrIncomplete), errors.Is(err, ErrUnavailable):
		return retry.Verdict{Retry: !retry.FailsHandshake(err)}
	}
	return t.Retry.Judge(err)
}

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrIncomplete}, args...)...)
}
