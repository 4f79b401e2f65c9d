package fakerelay

import (
	"bytes"
	_ "embed"
	"encoding/binary"
	"io"
	"math/rand/v2"
)

// Video is what is sent for a video.
type Video struct {
	io.ReaderAt
	Size int64
}

// sample is two seconds of an orange square that bounces on dark blue: 256 by 144
// pixels, H.264, drawn with ffmpeg for this package.
//
//go:embed sample.mp4
var sample []byte

// Sample is a small video that players play.
func Sample() Video { return Bytes(sample) }

// Bytes is a video of these bytes.
func Bytes(content []byte) Video { return Video{bytes.NewReader(content), int64(len(content))} }

// noiseBlock is what noise repeats, each time with its place in it.
const noiseBlock = 16 << 10

// Noise is a video of any size that takes no memory: bytes that look random, and
// are other ones at every place.
func Noise(size int64) Video {
	n := &noise{size: size}
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(n.block[:])
	return Video{n, size}
}

type noise struct {
	size  int64
	block [noiseBlock]byte
}

func (n *noise) ReadAt(p []byte, off int64) (int, error) {
	read := 0
	for read < len(p) && off < n.size {
		var place [8]byte
		binary.LittleEndian.PutUint64(place[:], uint64(off/noiseBlock))
		at := int(off % noiseBlock)
		room := p[read:min(int64(len(p)), int64(read)+n.size-off)]
		copied := copy(room, n.block[at:])
		if at < len(place) { // the block begins with its place
			copy(room[:copied], place[at:])
		}
		read += copied
		off += int64(copied)
	}
	if read < len(p) {
		return read, io.EOF
	}
	return read, nil
}
