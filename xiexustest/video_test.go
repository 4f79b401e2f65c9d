package xiexustest_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestRandomVideo_IsTheSameHoweverItIsRead(t *testing.T) {
	const size = 100_003
	video := xiexustest.RandomVideo(size)
	content, err := io.ReadAll(io.NewSectionReader(video, 0, video.Size))
	require.NoError(t, err)
	require.Len(t, content, size)
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		off := random.Int64N(size)
		p := make([]byte, 1+random.IntN(40_000))
		n, err := video.ReadAt(p, off)
		if int(off)+len(p) > size {
			require.Equal(t, io.EOF, err)
		} else {
			require.NoError(t, err)
		}
		require.True(t, bytes.Equal(content[off:int(off)+n], p[:n]))
	}
	other := make([]byte, 16<<10)
	_, err = video.ReadAt(other, 16<<10)
	require.NoError(t, err)
	require.False(t, bytes.Equal(content[:16<<10], other), "no two parts are alike")
}

func TestSampleVideo_IsAnMP4File(t *testing.T) {
	sample := xiexustest.SampleVideo()
	require.Less(t, sample.Size, int64(10_000))
	head := make([]byte, 12)
	_, err := sample.ReadAt(head, 0)
	require.NoError(t, err)
	require.Equal(t, "ftypisom", string(head[4:]))
}
