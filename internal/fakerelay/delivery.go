package fakerelay

import (
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Delivery is how a video is sent. The zero value sends Sample as good servers
// do: at once, with its length, an ETag and ranges.
type Delivery struct {
	// Video is what is sent; by default Sample.
	Video Video
	// NoRange answers with the whole video where a part is asked for.
	NoRange bool
	// NoTag sends no ETag, so that a part cannot be asked for safely.
	NoTag bool
	// NoLength leaves out how long the video is.
	NoLength bool
	// Length, if set, is told in place of the true one. The rest never comes.
	Length int64
	// Header is sent too, or in place of what would be.
	Header http.Header
	// Rate limits the bytes a second; 0 is no limit.
	Rate int64
	// Cuts are after how many bytes a connection is closed, one an answer.
	Cuts []int64
	// Stall falls silent instead of closing a connection.
	Stall bool
	// Status, if set, is answered without a video.
	Status int
	// Redirect, if set, is where the video is instead.
	Redirect string
	// Life is how long an address is good from the moment in it on, for which see
	// Step.URL. After that it is a 403; 0 is for ever.
	Life time.Duration
}

// uncut is the cut of an answer that is sent whole.
const uncut = -1

// serve sends the video, or what it can until the cut.
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
		video = Sample()
	}
	header := w.Header()
	header.Set("Content-Type", "video/mp4")
	if !d.NoTag {
		header.Set("Etag", tag(video))
	}
	for name, values := range d.Header {
		header[name] = values
	}
	if d.NoRange {
		req = req.Clone(req.Context())
		req.Header.Del("Range")
	}
	way := &conduit{ResponseWriter: w, req: req, delivery: d, left: cut}
	http.ServeContent(way, req, "", time.Time{}, io.NewSectionReader(video, 0, video.Size))
	if way.left == 0 || d.Length > video.Size {
		way.breakOff()
	}
}

// expired reports an address that was good once.
func (d Delivery) expired(address *url.URL) bool {
	millis, err := strconv.ParseInt(address.Query().Get("since"), 10, 64)
	return d.Life > 0 && (err != nil || time.Since(time.UnixMilli(millis)) > d.Life)
}

// tag is an ETag: the same for the same video.
func tag(video Video) string {
	beginning := make([]byte, min(video.Size, 64<<10))
	_, _ = video.ReadAt(beginning, 0)
	return fmt.Sprintf(`"%x-%08x"`, video.Size, crc32.ChecksumIEEE(beginning))
}

// conduit is the way of a video to one client.
type conduit struct {
	http.ResponseWriter
	req      *http.Request
	delivery Delivery
	left     int64 // until the cut; uncut if there is none
}

func (c *conduit) WriteHeader(status int) {
	switch {
	case c.delivery.NoLength:
		c.Header().Del("Content-Length")
		c.ResponseWriter.WriteHeader(status)
		_ = http.NewResponseController(c.ResponseWriter).Flush() // or net/http counts a short body
		return
	case c.delivery.Length > 0:
		c.Header().Set("Content-Length", strconv.FormatInt(c.delivery.Length, 10))
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *conduit) Write(p []byte) (int, error) {
	if c.left != uncut && int64(len(p)) > c.left {
		_, _ = c.send(p[:c.left])
		c.breakOff()
	}
	n, err := c.send(p)
	if c.left != uncut {
		c.left -= int64(n)
	}
	return n, err
}

// send sends p at the rate.
func (c *conduit) send(p []byte) (int, error) {
	rate := c.delivery.Rate
	if rate <= 0 {
		return c.ResponseWriter.Write(p)
	}
	sent := 0
	for sent < len(p) {
		piece := p[sent:min(len(p), sent+int(max(rate/20, 1)))]
		n, err := c.ResponseWriter.Write(piece)
		sent += n
		if err != nil {
			return sent, err
		}
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		pause := Fault{Delay: time.Duration(n) * time.Second / time.Duration(rate)}
		if err := pause.wait(c.req.Context()); err != nil {
			return sent, err
		}
	}
	return sent, nil
}

// breakOff closes the connection, or says no more until the client has had enough.
func (c *conduit) breakOff() {
	if c.delivery.Stall {
		_ = http.NewResponseController(c.ResponseWriter).Flush()
		<-c.req.Context().Done()
	}
	_ = hangUp(c.ResponseWriter)
}

// deliveries are what is sent for which paths.
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

// next returns what is sent for a path to who asks at an address, and its next cut.
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
