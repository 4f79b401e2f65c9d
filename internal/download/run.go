package download

import (
	"bytes"
	"context"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"net/http"

	"github.com/xiexus/xiexus-go/internal/filetype"
)

// run is a transfer in progress.
type run struct {
	Transfer
	to       target
	buffer   []byte
	noRanges bool // the server's ranges cannot be used
	ignored  bool // the last request for a range got a complete response

	// Of the bytes that have been written:
	size     int64
	version  Version     // of the video that they are part of
	crc      hash.Hash32 // to recognize them if a server starts over
	checksum hash.Hash   // for the server's checksum; nil if none is known
	resumed  bool        // some of them by an earlier transfer

	largest   int64 // size of the video, as far as it was known
	refetched int64 // bytes that were received once more

	// Of the response that is being read:
	latest   Version
	offset   int64       // in the video
	last     int64       // offset of the last byte that it may have
	repeated hash.Hash32 // of what was written before; nil once that is past
}

var (
	// errMore ends a response with one part of the video, after which another follows.
	errMore = incomplete("more ranges to request")
	// errRestarted ends a response that shows that what was written is of another video.
	errRestarted = incomplete("video changed on the server, starting over")
)

func newCRC() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// resume continues from what an earlier transfer has written.
func (r *run) resume() error {
	written, version := r.to.written()
	if written == nil {
		return nil
	}
	head := make([]byte, filetype.HeadSize)
	n, err := io.ReadFull(written, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF { //nolint:errorlint // as io.ReadFull returns it
		return targetError(err)
	}
	kind := filetype.Detect(head[:n])
	switch {
	case n == 0:
		r.version = version
		return nil
	case !kind.Video && !kind.Unknown(): // the disk has lost it, or an earlier release wrote it
		return r.restart()
	}
	if err := r.to.detected(kind.Extension); err != nil {
		return err
	}
	r.version, r.resumed = version, true
	hashes := io.Writer(r.crc)
	if r.checksum = newChecksum(version.Checksum); r.checksum != nil {
		hashes = io.MultiWriter(r.crc, r.checksum)
	}
	r.size, err = io.CopyBuffer(hashes, io.MultiReader(bytes.NewReader(head[:n]), written), r.buffer)
	return targetError(err)
}

// attempt requests the missing bytes once, and writes what it receives.
func (r *run) attempt(ctx context.Context) error {
	r.offset = 0
	from, validator := r.size, r.version.Validator
	if r.noRanges || validator == "" { // a part cannot be requested safely
		from = 0
	}
	resp, err := r.Open(ctx, from, validator)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if r.offset, r.latest, err = readHeader(resp, from, r.version); err != nil {
		return err
	}
	r.last = lastOf(resp)
	r.ignored = from > 0 && resp.StatusCode == http.StatusOK
	body, n := io.Reader(resp.Body), 0
	switch {
	case resp.StatusCode == http.StatusRequestedRangeNotSatisfiable:
		body = http.NoBody
	case r.offset == 0:
		if n, body, err = r.begin(resp); err != nil {
			return err
		}
	}
	if err := r.prepare(); err != nil {
		return err
	}
	if err := r.copy(n, body); err != nil {
		return err
	}
	return r.finish(resp.StatusCode)
}

// prepare decides what to do with the latest response.
func (r *run) prepare() error {
	if r.MaxSize > 0 && r.latest.Size > r.MaxSize {
		return fmt.Errorf("%w: %d bytes, limit %d", ErrTooLarge, r.latest.Size, r.MaxSize)
	}
	r.repeated, r.largest = nil, max(r.largest, r.size, r.latest.Size)
	if r.offset < r.size {
		// What was written may be of another video. If the header does not show that, or
		// it cannot be discarded, the bytes decide.
		shorter := r.latest.Size >= 0 && r.latest.Size < r.size
		restarted := (shorter || r.latest.differs(r.version)) && r.restart() == nil
		if !restarted {
			r.repeated = newCRC()
			return nil
		}
	}
	if r.size == 0 {
		r.version = Version{Size: -1}
	}
	return r.learn()
}

// learn adds what the latest response reports about the video, once it is certain that
// what was written is of the same one.
func (r *run) learn() error {
	version := r.version
	if version.Validator == "" || r.repeated != nil {
		version.Validator = r.latest.Validator
	}
	if version.Size < 0 || r.repeated != nil && r.latest.Size >= 0 {
		version.Size = r.latest.Size
	}
	if version.Checksum == "" && r.latest.Checksum != "" {
		version.Checksum = r.latest.Checksum
		if err := r.startChecksum(version.Checksum); err != nil {
			return err
		}
	}
	if version == r.version {
		return nil
	}
	r.version = version
	return targetError(r.to.note(version))
}

// startChecksum hashes what was written before, if that can be read. It does not use
// r.buffer, which may hold the next bytes.
func (r *run) startChecksum(want string) error {
	sum := newChecksum(want)
	if r.size > 0 {
		written, _ := r.to.written()
		if written == nil {
			return nil
		}
		if _, err := io.Copy(sum, written); err != nil {
			return targetError(err)
		}
	}
	r.checksum = sum
	return nil
}

// restart discards what was written, or returns an error if that is not possible.
func (r *run) restart() error {
	if err := r.to.restart(); err != nil {
		return err
	}
	r.refetched += r.size
	r.size, r.version, r.crc, r.checksum, r.repeated = 0, Version{Size: -1}, newCRC(), nil, nil
	return nil
}
