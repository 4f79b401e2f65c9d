// Package fetch brings a video home: from wherever its address leads, past
// broken connections, to a file that is there only when it is whole.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// What errors of a transfer are.
var (
	// ErrIncomplete: the answers ended before the video did.
	ErrIncomplete = errors.New("the video did not come whole")
	// ErrChecksum: the video is not what the server's checksum or length says.
	ErrChecksum = errors.New("the video is damaged")
	// ErrTooLarge: the video is larger than MaxSize.
	ErrTooLarge = errors.New("the video is too large")
	// ErrNoVideo: the answer is a page or an error, not a video.
	ErrNoVideo = errors.New("the answer is no video")
	// ErrChanged: the server has another video now, and what came of the first is
	// already used.
	ErrChanged = fmt.Errorf("%w: it has changed on the server", ErrIncomplete)
	// ErrTarget: what came could not be written.
	ErrTarget = errors.New("the video cannot be written")
)

// Range is the part of a video that is asked for.
type Range struct {
	// Offset is its first byte.
	Offset int64
	// Validator is of the video that the bytes before are of.
	Validator string
}

// Set asks for the range in a request's header.
func (r Range) Set(header http.Header) {
	header.Set("Accept-Encoding", "identity") // or offsets would be those of something else
	if r.Offset > 0 {
		header.Set("Range", "bytes="+strconv.FormatInt(r.Offset, 10)+"-")
		header.Set("If-Range", r.Validator)
	}
}

// Target is where a video's bytes go, in order.
type Target interface {
	io.Writer
	// Restart takes back all that was written, or returns an error where that
	// is not possible.
	Restart() error
	// Note is told what the bytes are of, for a later transfer to go on with.
	Note(Identity) error
}

// Transfer is the way of one video, over as many connections as it takes.
type Transfer struct {
	// Ready, if set, is called before each Open, for what is not to count as silence.
	Ready func(context.Context) error
	// Open asks for a part of the video. Its answers have the status 200, 206 or 416.
	Open func(context.Context, Range) (*http.Response, error)
	// Renew, if set, hears of each error of Open. It reports whether asking again
	// at once makes sense, because the address was old and there is another.
	Renew func(context.Context, error) (bool, error)
	// To takes the bytes.
	To Target
	// Held reads what To already has of the video, if it has anything.
	Held io.ReadSeeker
	// Known is what the bytes in Held are of.
	Known Identity
	// MaxSize is the largest video that is taken, in bytes; 0 is no limit.
	MaxSize int64
	// Stall is how long a connection may be silent; 0 is for ever.
	Stall time.Duration
	// MaxRetries is how often it is asked again while nothing new comes; with 0
	// it is never asked again.
	MaxRetries int
	// Judge says of an error of Open whether it is worth asking again.
	Judge func(error) retry.Verdict
	// Notify hears of each error that is tried again.
	Notify func(err error, delay time.Duration)
	// Progress hears how many bytes there are, of how many, or of -1.
	Progress func(done, total int64)
}

// Run transfers the video. It returns how many bytes To has then, whatever the error.
func (t Transfer) Run(ctx context.Context) (int64, error) {
	r := &run{Transfer: t, known: Identity{Size: -1}, written: newWritten(), buffer: make([]byte, 256<<10)}
	if t.Held != nil {
		if err := r.takeUp(); err != nil {
			return r.written.size, err
		}
	}
	delays := retry.Delays(100 * time.Millisecond)
	patience := patience{maxRetries: t.MaxRetries}
	for {
		before := r.written.size
		again, err := r.attempt(ctx)
		switch {
		case err == nil:
			return r.written.size, nil
		case ctx.Err() != nil:
			return r.written.size, retry.Ended(ctx)
		case again:
			continue
		}
		verdict := t.judge(err)
		if !verdict.Again || !patience.again(before, r.at, r.written.size) {
			return r.written.size, err
		}
		if patience.stuck == 0 {
			delays.Reset()
		}
		delay := delays.NextBackOff()
		if verdict.After > 0 {
			delay = min(verdict.After, retry.LongestDelay)
		}
		t.notify(err, delay)
		if err := retry.Sleep(ctx, delay); err != nil {
			return r.written.size, err
		}
	}
}

// judge says whether an error is worth another try.
func (t Transfer) judge(err error) retry.Verdict {
	switch {
	case errors.Is(err, ErrTarget), errors.Is(err, ErrNoVideo), errors.Is(err, ErrTooLarge),
		errors.Is(err, ErrChecksum), errors.Is(err, ErrChanged), errors.Is(err, ErrData):
		return retry.Verdict{}
	case errors.Is(err, ErrIncomplete), errors.Is(err, errRestarted):
		return retry.Verdict{Again: true}
	}
	return t.Judge(err)
}

func (t Transfer) notify(err error, delay time.Duration) {
	if t.Notify != nil {
		t.Notify(err, delay)
	}
}

// patience counts the tries of a transfer that brought nothing new.
type patience struct {
	maxRetries int
	stuck      int // nothing came, or nothing but what had come before
	behind     int // the server began anew, and broke off sooner than before
}

// mostBehind is how often in a row a server may begin anew and break off sooner
// than before, which it does at random places.
const mostBehind = 30

// again reports whether to ask again after a try that began with some bytes
// written, reached a place in the video, and ended with more written or not.
func (p *patience) again(before, reached, after int64) bool {
	switch {
	case after > before:
		p.stuck, p.behind = 0, 0
		return p.maxRetries > 0
	case reached > 0 && reached < before:
		p.behind++
		return p.behind <= mostBehind && p.maxRetries > 0
	}
	p.stuck++
	return p.stuck <= p.maxRetries
}

func incomplete(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrIncomplete}, args...)...)
}
