package fetch

import (
	"context"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
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

	at     int64       // the place in the video that the answer has come to
	prefix hash.Hash32 // of what an answer from the start repeats, nil where it does not
}

// written is what is known of the bytes in the target.
type written struct {
	size int64
	crc  hash.Hash32 // to recognize them when a server begins anew
	sum  hash.Hash   // for the server's checksum, or nil
}

func newWritten() written { return written{crc: newCRC()} }

func newCRC() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

func (w *written) add(p []byte) {
	w.size += int64(len(p))
	_, _ = w.crc.Write(p)
	if w.sum != nil {
		_, _ = w.sum.Write(p)
	}
}

// errMore is the end of an answer that had only a part.
var errMore = incomplete("there is more to ask for")

// errRestarted is an answer that showed the bytes so far to be of another video.
var errRestarted = errors.New("the video has changed on the server: starting over")

// takeUp goes on with what an earlier transfer has left.
func (r *run) takeUp() error {
	size, err := io.CopyBuffer(r.written.crc, r.Held, r.buffer)
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
	resp, err := r.Open(watched, r.missing())
	if err != nil {
		return r.refused(ctx, silence.explain(err))
	}
	defer func() { _ = resp.Body.Close() }()
	before := r.written.size
	err = r.receive(resp, silence)
	return errors.Is(err, errMore) && r.written.size > before, err
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

// receive writes what an answer has.
func (r *run) receive(resp *http.Response, silence *silence) error {
	offered, err := readOffer(resp, r.written.size, r.known)
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
	r.at, r.prefix = o.start, nil
	if o.start < r.written.size {
		// What is written may be of another video. A stream cannot take it back:
		// then the bytes decide.
		shorter := o.video.Size >= 0 && o.video.Size < r.written.size
		if !shorter && !o.video.differs(r.known) || r.restart() != nil {
			r.prefix = newCRC()
		}
	}
	if r.written.size == 0 {
		r.known = Identity{Size: -1}
	}
	if err := r.expect(o.checksum); err != nil {
		return err
	}
	return r.learn(o.video)
}

// expect begins to hash for a checksum, if it is the first.
func (r *run) expect(told *checksum) error {
	if told == nil || r.checksum != nil {
		return nil
	}
	sum := told.make()
	if r.written.size > 0 {
		if r.Held == nil {
			return nil // it is gone
		}
		if _, err := r.Held.Seek(0, io.SeekStart); err != nil {
			return targetError(err)
		}
		if _, err := io.CopyBuffer(sum, io.LimitReader(r.Held, r.written.size), r.buffer); err != nil {
			return targetError(err)
		}
	}
	r.checksum, r.written.sum = told, sum
	return nil
}

// learn notes what an answer tells of the video.
func (r *run) learn(video Identity) error {
	before := r.known
	if r.known.Validator == "" || r.prefix != nil {
		r.known.Validator = video.Validator
	}
	if r.known.Size < 0 || r.prefix != nil && video.Size >= 0 {
		r.known.Size = video.Size
	}
	if r.known == before {
		return nil
	}
	return targetError(r.To.Note(r.known))
}

// restart forgets what is written.
func (r *run) restart() error {
	if err := r.To.Restart(); err != nil {
		return err
	}
	r.written, r.checksum, r.prefix = newWritten(), nil, nil
	return nil
}

// copy writes what comes until it ends: with io.EOF, if it ends as it should.
func (r *run) copy(body io.Reader) error {
	for {
		n, err := body.Read(r.buffer)
		if n > 0 {
			if err := r.take(r.buffer[:n]); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
}

// take writes what is new of p.
func (r *run) take(p []byte) error {
	if r.prefix != nil {
		known := min(int64(len(p)), r.written.size-r.at)
		_, _ = r.prefix.Write(p[:known])
		r.at += known
		p = p[known:]
		if r.at == r.written.size {
			if err := r.compare(); err != nil {
				return err
			}
		}
	}
	if len(p) == 0 {
		return nil
	}
	if r.MaxSize > 0 && r.written.size+int64(len(p)) > r.MaxSize {
		return fmt.Errorf("%w: %d bytes are allowed", ErrTooLarge, r.MaxSize)
	}
	if _, err := r.To.Write(p); err != nil {
		return targetError(err)
	}
	r.written.add(p)
	r.at += int64(len(p))
	if r.Progress != nil {
		r.Progress(r.written.size, r.known.Size)
	}
	return nil
}

// compare looks whether an answer from the start began with what is written.
func (r *run) compare() error {
	same := r.prefix.Sum32() == r.written.crc.Sum32()
	r.prefix = nil
	if same {
		return nil
	}
	return r.changed()
}

// changed starts over, if what is written can be taken back.
func (r *run) changed() error {
	if r.restart() != nil {
		return fmt.Errorf("%w after %d bytes", ErrChanged, r.written.size)
	}
	r.known = Identity{Size: -1}
	return errRestarted
}

// ended looks at the end of an answer whether the video is whole.
func (r *run) ended(status int) error {
	switch size := r.written.size; {
	case r.prefix != nil && r.at == r.known.Size:
		return r.changed()
	case r.prefix != nil:
		return incomplete("the server sent %d bytes, fewer than before", r.at)
	case size == 0:
		return incomplete("the answer is empty")
	case size < r.known.Size && status == http.StatusPartialContent:
		return errMore // as it said
	case size < r.known.Size:
		return incomplete("%d of %d bytes came", size, r.known.Size)
	case r.checksum != nil:
		return r.checksum.verify(r.written.sum.Sum(nil))
	}
	return nil
}

func targetError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", ErrTarget, err)
}
