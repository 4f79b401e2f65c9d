package xiexustest

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// Video is the content of a video.
type Video struct {
	// ReaderAt reads its bytes.
	io.ReaderAt
	// Size is the number of bytes.
	Size int64
}

// sample is two seconds of an orange square that bounces on dark blue: 256 by 144
// pixels, H.264, drawn with ffmpeg for this package.
//
//go:embed sample.mp4
var sample []byte

// SampleVideo returns a playable video of 2 KB.
func SampleVideo() Video { return VideoFromBytes(sample) }

// VideoFromBytes returns a video with the given content.
func VideoFromBytes(content []byte) Video {
	return Video{bytes.NewReader(content), int64(len(content))}
}

// randomBlock is the size of the block that a random video repeats, each time with
// the number of the block at its start.
const randomBlock = 16 << 10

// mp4Start is how an MP4 begins: its file type, and a box of media data up to the end.
const mp4Start = "\x00\x00\x00\x14ftypisom\x00\x00\x02\x00mp42\x00\x00\x00\x00mdat"

// RandomVideo returns a fake video of the given size that is generated as it is read:
// pseudorandom bytes, the same for each call, and different in each block of 16 KiB. It
// begins like an MP4, but is not playable.
func RandomVideo(size int64) Video {
	v := &randomVideo{size: size}
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(v.block[:])
	return Video{v, size}
}

type randomVideo struct {
	size  int64
	block [randomBlock]byte
}

func (v *randomVideo) ReadAt(p []byte, off int64) (int, error) {
	read := 0
	for read < len(p) && off < v.size {
		var number [8]byte
		binary.LittleEndian.PutUint64(number[:], uint64(off/randomBlock))
		at := int(off % randomBlock)
		rest := p[read:min(int64(len(p)), int64(read)+v.size-off)]
		copied := copy(rest, v.block[at:])
		if at < len(number) {
			copy(rest[:copied], number[at:])
		}
		if off < int64(len(mp4Start)) {
			copy(rest[:copied], mp4Start[off:])
		}
		read += copied
		off += int64(copied)
	}
	if read < len(p) {
		return read, io.EOF
	}
	return read, nil
}
