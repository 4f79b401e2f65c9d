package xiexus_test

import (
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

func TestDownloadFile_EndsASlowDownload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Rate: 900})
		client := newClient(t, s.relay)
		path := filepath.Join(t.TempDir(), "v.mp4")
		began := time.Now()
		_, err := client.DownloadFile(t.Context(), taskAt(atCDN), path)
		require.ErrorIs(t, err, xiexus.ErrIncomplete)
		require.ErrorContains(t, err, "less than 1024 bytes a second")
		require.ErrorContains(t, err, "to resume")
		require.InDelta(t, 180, time.Since(began).Seconds(), 10, "a minute for each of three attempts")

		_, err = client.DownloadFile(t.Context(), taskAt(atCDN), path, xiexus.WithMinDownloadSpeed(0))
		require.NoError(t, err)
		_, err = client.DownloadFile(t.Context(), taskAt(atCDN), path, xiexus.WithMinDownloadSpeed(-1))
		require.ErrorContains(t, err, "WithMinDownloadSpeed")
	})
}

func TestDownloadFile_EndsASlowDownloadThatBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, Rate: 900, Cuts: slices.Repeat([]int64{900 * 40}, 100)})
		began := time.Now()
		_, err := newClient(t, s.relay).DownloadFile(t.Context(), taskAt(atCDN), filepath.Join(t.TempDir(), "v.mp4"))
		require.ErrorIs(t, err, xiexus.ErrIncomplete)
		require.ErrorContains(t, err, "less than 1024 bytes a second for 40s")
		require.InDelta(t, 120, time.Since(began).Seconds(), 10, "40 seconds for each of three attempts")
	})
}

// The relay's own endpoint ends each response after a minute, and sends no parts.
func TestDownloadFile_RecognizesATimeLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, limit = 10_000, 60
		s := newStudio(t)
		s.relay.SetContent(xiexustest.Delivery{Video: film, NoRange: true, Rate: rate, Cuts: []int64{rate * limit, rate*limit + 500, rate*limit - 700, rate * limit}})
		s.relay.Add("task", xiexustest.Completes(0, ""))
		began := time.Now()
		_, err := newClient(t, s.relay).DownloadFile(t.Context(), taskAt(""), filepath.Join(t.TempDir(), "v.mp4"))
		require.ErrorIs(t, err, xiexus.ErrIncomplete)
		require.ErrorContains(t, err, "ended three responses after 1m0s each")
		require.ErrorContains(t, err, "received 600500 of")
		require.ErrorContains(t, err, "faster connection")
		require.InDelta(t, 180, time.Since(began).Seconds(), 5)
		require.Len(t, s.relay.Requests(), 3)
	})
}

// countingTransport counts the bytes of bodies.
type countingTransport struct {
	next  http.RoundTripper
	bytes int64
}

func (c *countingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.next.RoundTrip(req)
	if err == nil {
		resp.Body = &countingBody{resp.Body, &c.bytes}
	}
	return resp, err
}

type countingBody struct {
	io.ReadCloser
	bytes *int64
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	*b.bytes += int64(n)
	return n, err
}

func TestDownload_BoundsWhatIsReceivedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		cuts := make([]int64, 100)
		for i := range cuts {
			cuts[i] = film.Size - 1000 + int64(i) // a little more each time
		}
		s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film, NoRange: true, Cuts: cuts})
		counting := &countingTransport{next: s.relay.HTTPClient().Transport}
		_, err := newClient(t, s.relay, xiexus.WithDownloadTransport(counting)).Download(t.Context(), taskAt(atCDN), io.Discard)
		require.ErrorIs(t, err, xiexus.ErrIncomplete)
		require.ErrorContains(t, err, "received 1")
		require.LessOrEqual(t, counting.bytes, 5*film.Size)
	})
}
