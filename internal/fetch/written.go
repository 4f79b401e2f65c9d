package fetch

import (
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"net/http"
)

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
	switch size := r.written.size + int64(len(p)); {
	case r.MaxSize > 0 && size > r.MaxSize:
		return fmt.Errorf("%w: %d bytes are allowed", ErrTooLarge, r.MaxSize)
	case r.known.Size >= 0 && size > r.known.Size:
		return fmt.Errorf("%w: more came than the %d bytes that it has", ErrChecksum, r.known.Size)
	}
	n, err := r.To.Write(p)
	r.written.add(p[:n])
	r.at += int64(n)
	if err != nil {
		return targetError(err)
	}
	if r.Progress != nil {
		r.Progress(r.written.size, r.known.Size)
	}
	return nil
}

// compare looks whether an answer from the start began with what is written.
func (r *run) compare() error {
	defer func() { r.prefix = nil }()
	if r.prefix.Sum32() == r.written.crc.Sum32() {
		return r.learn()
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
	case r.prefix != nil && r.at == r.offered.video.Size:
		return r.changed()
	case r.prefix != nil:
		return incomplete("the server sent %d bytes, fewer than before", r.at)
	case size == 0:
		return incomplete("the answer is empty")
	case status == http.StatusPartialContent && (size < r.known.Size || r.known.Size < 0):
		return errMore // as it said, or as may be
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
