package fetch

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
)

// run is a transfer under way.
type run struct {
	Transfer
	known    Identity // what the bytes written are of
	checksum *checksum
	written  written
	whole    bool // ranges do not work here
	buffer   []byte

	offered offer       // what the answer has
	at      int64       // the place in the video that it has come to
	prefix  hash.Hash32 // of what an answer from the start repeats, nil where it does not
}

// errMore is the end of an answer that had only a part.
var errMore = incomplete("there is more to ask for")

// errRestarted is an answer that showed the bytes so far to be of another video.
var errRestarted = errors.New("the video has changed on the server: starting over")

// takeUp goes on with what an earlier transfer has left.
func (r *run) takeUp() error {
	hashes := io.Writer(r.written.crc)
	if told := parseChecksum(r.Known.Checksum); told != nil {
		r.checksum, r.written.sum = told, told.make()
		hashes = io.MultiWriter(r.written.crc, r.written.sum)
	}
	size, err := io.CopyBuffer(hashes, r.Held, r.buffer)
	r.written.size, r.known = size, r.Known
	return targetError(err)
}

// attempt asks once for what is missing and writes what comes. It reports
// whether to go on at once.
func (r *run) attempt(ctx context.Context) (bool, error) {
	r.at = 0
	if r.Ready != nil {
		if err := r.Ready(ctx); err != nil {
			return false, err
		}
	}
	watched, silence := watch(ctx, r.Stall)
	defer silence.stop()
	part := r.missing()
	resp, err := r.Open(watched, part)
	if err != nil {
		return r.refused(ctx, silence.explain(err))
	}
	silence.pause()
	defer func() { _ = resp.Body.Close() }()
	before, whole := r.written.size, r.whole
	err = r.receive(resp, part.Offset, silence)
	return errors.Is(err, errMore) && r.written.size > before || r.whole && !whole, err
}

func (r *run) refused(ctx context.Context, err error) (bool, error) {
	if r.Renew == nil {
		return false, err
	}
	renewed, failed := r.Renew(ctx, err)
	if failed != nil {
		return false, failed
	}
	return renewed, err
}

// receive writes what an answer has, which was asked for from a place on.
func (r *run) receive(resp *http.Response, from int64, silence *silence) error {
	offered, err := readOffer(resp, from, r.known)
	if err != nil {
		r.whole = r.whole || errors.Is(err, errBadRange)
		return err
	}
	if err := r.accept(offered); err != nil {
		return err
	}
	if !offered.complete {
		err = r.copy(&beginning{source: resp, silence: silence})
		if err != io.EOF {
			return err
		}
	}
	return r.ended(resp.StatusCode)
}

// missing is the part to ask for: the whole where a part cannot be asked for safely.
func (r *run) missing() Range {
	if r.whole || r.known.Validator == "" {
		return Range{}
	}
	return Range{Offset: r.written.size, Validator: r.known.Validator}
}

// accept prepares for what an answer has.
func (r *run) accept(o offer) error {
	if r.MaxSize > 0 && o.video.Size > r.MaxSize {
		return fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrTooLarge, o.video.Size, r.MaxSize)
	}
	r.at, r.prefix, r.offered = o.start, nil, o
	if o.start < r.written.size {
		// What is written may be of another video. A stream cannot take it back:
		// then the bytes decide.
		shorter := o.video.Size >= 0 && o.video.Size < r.written.size
		if !shorter && !o.video.differs(r.known) || r.restart() != nil {
			r.prefix = newCRC()
			return nil
		}
	}
	if r.written.size == 0 {
		r.known = Identity{Size: -1}
	}
	return r.learn()
}

// learn takes over what the answer tells of the video, once it is sure that what is
// written is of the same.
func (r *run) learn() error {
	before, told := r.known, r.offered.video
	if r.known.Validator == "" || r.prefix != nil {
		r.known.Validator = told.Validator
	}
	if r.known.Size < 0 || r.prefix != nil && told.Size >= 0 {
		r.known.Size = told.Size
	}
	if r.known.Checksum == "" && r.offered.checksum != nil {
		if err := r.expect(r.offered.checksum); err != nil {
			return err
		}
		r.known.Checksum = r.offered.checksum.String()
	}
	if r.known == before {
		return nil
	}
	return targetError(r.To.Note(r.known))
}

// expect begins to hash for a checksum. The buffer may be in use.
func (r *run) expect(told *checksum) error {
	sum := told.make()
	if r.written.size > 0 {
		if r.Held == nil {
			return nil // it is gone
		}
		if _, err := r.Held.Seek(0, io.SeekStart); err != nil {
			return targetError(err)
		}
		if _, err := io.Copy(sum, io.LimitReader(r.Held, r.written.size)); err != nil {
			return targetError(err)
		}
	}
	r.checksum, r.written.sum = told, sum
	return nil
}

// restart forgets what is written.
func (r *run) restart() error {
	if err := r.To.Restart(); err != nil {
		return err
	}
	r.written, r.checksum, r.prefix = newWritten(), nil, nil
	return nil
}
