package xiexustest

import (
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Delivery is how a video is sent. The zero value sends [SampleVideo] as a
// well-behaved server does: at once, with Content-Length, ETag and ranges. The fields stand for
// the ways in which CDNs and the relay's own route differ from that.
type Delivery struct {
	// Video is what is sent. By default it is [SampleVideo].
	Video Video
	// NoRange sends the complete video where a range is requested, as the relay's
	// own route does.
	NoRange bool
	// NoETag sends no ETag, so that a range cannot be requested safely.
	NoETag bool
	// NoContentLength sends no Content-Length.
	NoContentLength bool
	// ContentLength, if set, is sent instead of the size of the video. The bytes
	// beyond that size never arrive.
	ContentLength int64
	// Header is added to the headers of the response, or replaces them.
	Header http.Header
	// Rate limits the transfer, in bytes per second. By default there is no limit.
	Rate int64
	// Cuts are after how many bytes to close the connection, one for each response.
	// The relay's own route cuts off every transfer that takes over 60 seconds.
	Cuts []int64
	// Stall makes cuts keep the connection open and send nothing more.
	Stall bool
	// Status, if set, is sent instead of a video. CDNs send 403 or 404 for links
	// that have expired.
	Status int
	// Redirect, if set, is a URL that is redirected to.
	Redirect string
	// LinkTTL is how long a URL is valid, counted from the time in its query, which
	// [Step.URL] describes. After that, and without one, the response is 403. By
	// default URLs do not expire.
	LinkTTL time.Duration
}

// serve sends the video, or its part up to the cut.
func (d Delivery) serve(w http.ResponseWriter, req *http.Request, cut int64) {
	switch {
	case d.Redirect != "":
		http.Redirect(w, req, d.Redirect, http.StatusFound)
		return
	case d.Status != 0:
		_ = text(d.Status, "application/xml", "<Error><Code>AccessDenied</Code></Error>")(w)
		return
	}
	video := d.Video
	if video.ReaderAt == nil {
		video = SampleVideo()
	}
	header := w.Header()
	header.Set("Content-Type", "video/mp4")
	if !d.NoETag {
		header.Set("Etag", etag(video))
	}
	maps.Copy(header, d.Header)
	if d.NoRange {
		req = req.Clone(req.Context())
		req.Header.Del("Range")
	}
	transfer := &transfer{ResponseWriter: w, req: req, delivery: d, left: cut}
	http.ServeContent(transfer, req, "", time.Time{}, io.NewSectionReader(video, 0, video.Size))
	if transfer.left == 0 || d.ContentLength > video.Size {
		transfer.breakOff()
	}
}

// expired reports whether a URL is no longer valid.
func (d Delivery) expired(address *url.URL) bool {
	millis, err := strconv.ParseInt(address.Query().Get("since"), 10, 64)
	return d.LinkTTL > 0 && (err != nil || time.Since(time.UnixMilli(millis)) > d.LinkTTL)
}

// etag is the same for the same video.
func etag(video Video) string {
	start := make([]byte, min(video.Size, 64<<10))
	_, _ = video.ReadAt(start, 0)
	return fmt.Sprintf(`"%x-%08x"`, video.Size, crc32.ChecksumIEEE(start))
}

// deliveries are the deliveries of paths.
type deliveries struct {
	mu     sync.Mutex
	byPath map[string]*Delivery
}

func (d *deliveries) set(path string, delivery Delivery) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byPath == nil {
		d.byPath = map[string]*Delivery{}
	}
	delivery.Cuts = append([]int64(nil), delivery.Cuts...)
	d.byPath[path] = &delivery
}

// next returns the delivery of a path for a request of a URL, and its next cut.
func (d *deliveries) next(path string, address *url.URL) (delivery Delivery, cut int64, found bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	longest := ""
	for known := range d.byPath {
		fits := known == path || strings.HasSuffix(known, "/") && strings.HasPrefix(path, known)
		if fits && len(known) > len(longest) {
			longest = known
		}
	}
	chosen, found := d.byPath[longest]
	if !found {
		return Delivery{}, 0, false
	}
	if delivery = *chosen; delivery.expired(address) {
		delivery.Status = http.StatusForbidden
		return delivery, uncut, true
	}
	cut = uncut
	if len(chosen.Cuts) > 0 {
		cut, chosen.Cuts = chosen.Cuts[0], chosen.Cuts[1:]
	}
	return delivery, cut, true
}
