// Package download copies a video to a writer or a file. It resumes after a lost
// connection, verifies what it received, and creates a file only when it is complete.
package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

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
	// ErrNotVideo means that the response is a page, an error message or another file.
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
	// of Open. Those that it retries are retried for a minute at least: servers restart.
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
	// StartsOver reports that a later transfer has to request the video from the start: the
	// server does not send parts.
	StartsOver bool
	// Path is the name of the file that was saved, or empty.
	Path string
}

// ToWriter copies the video to w.
func (t Transfer) ToWriter(ctx context.Context, w io.Writer) (Result, error) {
	return t.copyTo(ctx, stream{w})
}

// ToFile copies the video to a file, which appears when it is complete. It resumes an
// earlier transfer for the same path and ID. If the file exists, it returns
// [io/fs.ErrExist], unless the file is to be overwritten.
func (t Transfer) ToFile(ctx context.Context, saved File) (Result, error) {
	f, err := openFile(saved)
	if err != nil {
		return Result{Size: -1}, err
	}
	defer func() { _ = f.close() }() // the caller may recover a panic of Progress
	result, err := t.copyTo(ctx, f)
	if err = f.end(err); err != nil {
		result.Partial = f.partial()
		return result, err
	}
	result.Path = f.Path
	return result, nil
}

func (t Transfer) copyTo(ctx context.Context, to target) (Result, error) {
	r := &run{Transfer: t, to: to, version: Version{Size: -1}, crc: newCRC(), buffer: make([]byte, 256<<10)}
	err := r.resume()
	if err == nil {
		err = r.complete(ctx)
	}
	return Result{Received: r.size, Size: r.version.Size, StartsOver: err != nil && !r.canResume()}, err
}

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrIncomplete}, args...)...)
}
