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

// Delivery describes how a video is sent. The zero value sends [SampleVideo] like a
// well-behaved server: immediately, with Content-Length, ETag and range support. The
// fields model how CDNs and the relay's own endpoint deviate from that.
type Delivery struct {
	// Video is the video to send. By default it is [SampleVideo]. Clients reject one that
	// does not begin like a video.
	Video Video
	// NoRange sends the complete video when a range is requested, as the relay's own
	// endpoint does.
	NoRange bool
	// NoETag sends no ETag, so that a range cannot be requested safely.
	NoETag bool
	// NoContentLength sends no Content-Length.
	NoContentLength bool
	// ContentLength, if set, is sent instead of the size of the video. The bytes
	// beyond that size never arrive.
	ContentLength int64
	// Header is added to the headers of the response and replaces those of the same
	// name.
	Header http.Header
	// Rate limits the transfer, in bytes per second. By default there is no limit.
	Rate int64
	// Cuts lists, for each response in turn, after how many bytes to close the
	// connection. The relay's own endpoint cuts off transfers that take more than 60
	// seconds.
	Cuts []int64
	// Stall makes each cut stall the transfer instead of closing the connection.
	Stall bool
	// Status, if set, is sent instead of a video. CDNs send 403 or 404 for expired
	// URLs.
	Status int
	// Redirect, if set, is the URL to redirect to.
	Redirect string
	// LinkTTL is how long a URL stays valid, counted from the time in its query (see
	// [Step.URL]). An expired URL, or one without a time, gets a 403. By default URLs
	// do not expire.
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
		transfer.interrupt()
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
		matches := known == path || strings.HasSuffix(known, "/") && strings.HasPrefix(path, known)
		if matches && len(known) > len(longest) {
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
