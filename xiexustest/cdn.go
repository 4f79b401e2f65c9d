package xiexustest

import "net/http"

// CDN is a host of videos apart from the relay: it needs no API key, and must not
// receive one. It is an [http.Handler] for [Relay.Host] or a server. [NewCDN] makes
// one.
type CDN struct {
	videos   deliveries
	requests requestLog
}

// NewCDN returns a CDN without videos.
func NewCDN() *CDN { return new(CDN) }

// Put sets how the video at a path is delivered, in place of what was set before.
// A path that ends in a slash stands for all paths that begin with it; the longest
// one that fits is used.
func (c *CDN) Put(path string, delivery Delivery) { c.videos.set(path, delivery) }

// Requests returns the requests received so far, in order. The Path of each includes
// the query.
func (c *CDN) Requests() []Request { return c.requests.all() }

// DiscardRequests drops the recorded requests and stops recording, for a CDN that
// runs for a long time.
func (c *CDN) DiscardRequests() { c.requests.discard() }

// ServeHTTP delivers the video at the path, or responds with 404.
func (c *CDN) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c.requests.add(req, req.URL.RequestURI())
	delivery, cut, found := c.videos.next(req.URL.Path, req.URL)
	if !found {
		delivery.Status = http.StatusNotFound
	}
	delivery.serve(w, req, cut)
}
