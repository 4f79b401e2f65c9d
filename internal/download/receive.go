package download

import (
	"errors"
	"fmt"
	"io"
	"net/http"
)

// copy writes the first n bytes of the buffer, and then what it reads from a response until
// the response ends.
func (r *run) copy(n int, body io.Reader) (err error) {
	for ; ; n, err = body.Read(r.buffer) {
		if err := r.write(r.buffer[:n]); err != nil {
			return err
		}
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return broken(err)
		}
	}
}

// write writes the part of p that is new.
func (r *run) write(p []byte) error {
	if r.repeated != nil {
		repeated := min(int64(len(p)), r.size-r.offset)
		_, _ = r.repeated.Write(p[:repeated])
		r.offset += repeated
		r.refetched += repeated
		p = p[repeated:]
		if r.offset == r.size {
			if err := r.compare(); err != nil {
				return err
			}
		}
	}
	if len(p) == 0 {
		return nil
	}
	switch size := r.size + int64(len(p)); {
	case r.MaxSize > 0 && size > r.MaxSize:
		return fmt.Errorf("%w: limit is %d bytes", ErrTooLarge, r.MaxSize)
	case r.version.Size >= 0 && size > r.version.Size:
		return fmt.Errorf("%w: received more than the expected %d bytes", ErrChecksum, r.version.Size)
	case size-1 > r.last:
		return errRange // whatever the bytes after the range are
	}
	n, err := writeAll(r.to, p)
	r.size += int64(n)
	r.offset += int64(n)
	_, _ = r.crc.Write(p[:n])
	if r.checksum != nil {
		_, _ = r.checksum.Write(p[:n])
	}
	if err != nil {
		return targetError(err)
	}
	if r.Progress != nil {
		r.Progress(r.size, r.version.Size)
	}
	return nil
}

// writeAll writes p, and returns an error if w does less or claims more, as [io.Copy] does.
func writeAll(w io.Writer, p []byte) (int, error) {
	n, err := w.Write(p)
	switch {
	case n < 0, n > len(p):
		return 0, errors.Join(err, errors.New("invalid write result"))
	case n < len(p) && err == nil:
		err = io.ErrShortWrite
	}
	return n, err
}

// compare checks that a response from the start repeats what was written before.
func (r *run) compare() error {
	if r.repeated.Sum32() != r.crc.Sum32() {
		return r.changed()
	}
	err := r.learn()
	r.repeated = nil
	return err
}

// changed starts over because the video has changed on the server.
func (r *run) changed() error {
	if r.restart() != nil {
		return fmt.Errorf("%w after %d bytes", ErrChanged, r.size)
	}
	return errRestarted
}

// finish checks at the end of a response that the video is complete.
func (r *run) finish(status int) error {
	switch {
	case r.repeated != nil && r.offset == r.latest.Size: // shorter than what was written
		return r.changed()
	case r.repeated != nil:
		return incomplete("restarted response ended after %d bytes, fewer than before", r.offset)
	case r.size == 0:
		return incomplete("the response is empty")
	case status == http.StatusPartialContent && (r.size < r.version.Size || r.version.Size < 0):
		return errMore // or there may be more: the size is not known
	case r.size < r.version.Size:
		return incomplete("received %s", r.received())
	case r.checksum != nil:
		return verify(r.checksum, r.version.Checksum)
	}
	return nil
}
