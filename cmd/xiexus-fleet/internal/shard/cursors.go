package shard

import (
	"encoding/json"
	"fmt"

	"github.com/klauspost/compress/zstd"
	"github.com/xiexus/xiexus-go"
)

// maxCursors is the size of the largest list of cursors in bytes, uncompressed.
const maxCursors = 16 << 20

// Codec encodes the cursors of shards. They are compressed, because what they say about the
// relay is the same for all tasks: about 300 bytes a task become 40. It may be used
// concurrently.
type Codec struct {
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

// NewCodec returns a codec.
func NewCodec() (*Codec, error) {
	encoder, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedDefault), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxCursors), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return &Codec{encoder, decoder}, nil
}

// list is a list of cursors in JSON.
type list struct {
	Version int             `json:"v"`
	Cursors []xiexus.Cursor `json:"cursors"`
}

// Encode returns the compressed cursors.
func (c *Codec) Encode(cursors []xiexus.Cursor) ([]byte, error) {
	data, err := json.Marshal(list{Version, cursors})
	if err != nil {
		return nil, err
	}
	return c.encoder.EncodeAll(data, nil), nil
}

// Decode returns the cursors. It returns [ErrNewer] if they are not of this release.
func (c *Codec) Decode(data []byte) ([]xiexus.Cursor, error) {
	plain, err := c.decoder.DecodeAll(data, nil)
	if err != nil {
		return nil, fmt.Errorf("cursors: %w", err)
	}
	if err := CheckVersion(plain); err != nil {
		return nil, fmt.Errorf("cursors: %w", err)
	}
	var l list
	if err := json.Unmarshal(plain, &l); err != nil {
		return nil, fmt.Errorf("cursors: %w", err)
	}
	return l.Cursors, nil
}
