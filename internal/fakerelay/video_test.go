package fakerelay_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

func TestNoiseIsTheSameHoweverItIsRead(t *testing.T) {
	const size = 100_003
	noise := fakerelay.Noise(size)
	whole, err := io.ReadAll(io.NewSectionReader(noise, 0, noise.Size))
	require.NoError(t, err)
	require.Len(t, whole, size)
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		off := random.Int64N(size)
		p := make([]byte, 1+random.IntN(40_000))
		n, err := noise.ReadAt(p, off)
		if int(off)+len(p) > size {
			require.Equal(t, io.EOF, err)
		} else {
			require.NoError(t, err)
		}
		require.True(t, bytes.Equal(whole[off:int(off)+n], p[:n]))
	}
	other := make([]byte, 16<<10)
	_, err = noise.ReadAt(other, 16<<10)
	require.NoError(t, err)
	require.False(t, bytes.Equal(whole[:16<<10], other), "no place looks like another")
}

func TestSampleIsAFilm(t *testing.T) {
	sample := fakerelay.Sample()
	require.Less(t, sample.Size, int64(10_000))
	head := make([]byte, 12)
	_, err := sample.ReadAt(head, 0)
	require.NoError(t, err)
	require.Equal(t, "ftypisom", string(head[4:]))
}
