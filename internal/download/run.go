package download

import (
	"context"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
)

// run is a transfer in progress.
type run struct {
	Transfer
	to       target
	buffer   []byte
	noRanges bool // the server's ranges cannot be used

	// Of the bytes that have been written:
	size     int64
	version  Version     // of the video that they are of
	crc      hash.Hash32 // to recognize them where a server starts over
	checksum *checksum   // of the video, fed with them; nil where none is known

	// Of the response that is being read:
	content  content
	offset   int64       // in the video
	repeated hash.Hash32 // of what was written before; nil once that is past
}

var (
	// errMore ends a response with a part of the video after which another follows.
	errMore = incomplete("there is more to request")
	// errRestarted ends a response that shows what was written to be of another video.
	errRestarted = incomplete("the video has changed on the server: starting over")
)

func newCRC() hash.Hash32 { return crc32.New(crc32.MakeTable(crc32.Castagnoli)) }

// resume continues from what an earlier transfer has written.
func (r *run) resume() error {
	written, version := r.to.written()
	if written == nil {
		return nil
	}
	r.version = version
	hashes := io.Writer(r.crc)
	if r.checksum = parseChecksum(version.Checksum); r.checksum != nil {
		hashes = io.MultiWriter(r.crc, r.checksum)
	}
	var err error
	r.size, err = io.CopyBuffer(hashes, written, r.buffer)
	return targetError(err)
}

// attempt requests what is missing once, and writes what it receives.
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
	content, err := readContent(resp, from, r.version)
	if err != nil {
		return err
	}
	if err := r.accept(content); err != nil {
		return err
	}
	if !content.end {
		if err := r.copy(resp); err != nil {
			return err
		}
	}
	return r.finish(resp.StatusCode)
}

// accept prepares for the content of a response.
func (r *run) accept(c content) error {
	if r.MaxSize > 0 && c.version.Size > r.MaxSize {
		return fmt.Errorf("%w: it has %d bytes, and %d are allowed", ErrTooLarge, c.version.Size, r.MaxSize)
	}
	r.content, r.offset, r.repeated = c, c.start, nil
	if c.start < r.size {
		// What was written may be of another video. Where it cannot be taken back, or
		// nothing tells, the bytes decide.
		shorter := c.version.Size >= 0 && c.version.Size < r.size
		if !shorter && !c.version.differs(r.version) || r.restart() != nil {
			r.repeated = newCRC()
			return nil
		}
	}
	if r.size == 0 {
		r.version = Version{Size: -1}
	}
	return r.learn()
}

// learn adds what the response says about the video, once it is certain that what was
// written is of the same one.
func (r *run) learn() error {
	version, latest := r.version, r.content.version
	if version.Validator == "" || r.repeated != nil {
		version.Validator = latest.Validator
	}
	if version.Size < 0 || r.repeated != nil && latest.Size >= 0 {
		version.Size = latest.Size
	}
	if version.Checksum == "" && r.content.checksum != nil {
		if err := r.expect(r.content.checksum); err != nil {
			return err
		}
		version.Checksum = r.content.checksum.String()
	}
	if version == r.version {
		return nil
	}
	r.version = version
	return targetError(r.to.note(version))
}

// expect starts to compute a checksum. It needs what was written before, and does not
// use r.buffer, which may hold what comes next.
func (r *run) expect(sum *checksum) error {
	if r.size > 0 {
		written, _ := r.to.written()
		if written == nil {
			return nil
		}
		if _, err := io.Copy(sum, io.LimitReader(written, r.size)); err != nil {
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
	r.size, r.version, r.crc, r.checksum, r.repeated = 0, Version{Size: -1}, newCRC(), nil, nil
	return nil
}
