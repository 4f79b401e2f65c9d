package xiexus

import (
	"errors"
	"fmt"

	"github.com/xiexus/xiexus-go/internal/fetch"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// What errors of downloads are, for errors.Is.
var (
	// ErrNotCompleted: the task has no video yet; nothing was sent.
	ErrNotCompleted = errors.New("the task is not completed")
	// ErrAddressRefused: the task's address, or one that it redirects to, is not
	// asked: it is none of http, https and data, or of a private network (see
	// WithPrivateAddresses).
	ErrAddressRefused = fetch.ErrAddress
	// ErrLinkExpired: the CDN does not have the video any more (403, 404, 410, or the
	// 400 and 401 of some), and the relay has no other address.
	ErrLinkExpired = errors.New("the video's link has expired")
	// ErrIncomplete: the video broke off, and asking again brought nothing more, or
	// that of another video where what came was already written to an io.Writer.
	ErrIncomplete = fetch.ErrIncomplete
	// ErrChecksum: what came is not what the server's own checksum or length says.
	ErrChecksum = fetch.ErrChecksum
)

// DownloadError is the error of a download that did not come to its end. It wraps
// the reason.
type DownloadError struct {
	// TaskID is the task whose video it was.
	TaskID string
	// Received is how many bytes of the video there are.
	Received int64
	// Size is how many bytes the video has, or -1 where the server has not told.
	Size int64
	// Partial is where DownloadFile keeps what came, for the next to go on with,
	// or empty.
	Partial string

	reason error
}

// Error says how far the download came, why it ended, and what becomes of the rest.
func (e *DownloadError) Error() string {
	far := ""
	if e.Received > 0 {
		far = fmt.Sprintf(" after %d bytes", e.Received)
		if e.Size >= 0 {
			far = fmt.Sprintf(" after %d of %d bytes", e.Received, e.Size)
		}
	}
	text := fmt.Sprintf("download task %q%s: %s", e.TaskID, far, safetext.Line(e.reason.Error(), 2*longestMessage))
	if e.Partial != "" {
		text += fmt.Sprintf("; %q keeps what came: download it again to go on", e.Partial)
	}
	return text
}

// Unwrap returns the reason.
func (e *DownloadError) Unwrap() error { return e.reason }
