package xiexustest

import "net/http"

// CDN is a video host separate from the relay: it needs no API key and must not
// receive one. It is an [http.Handler], for use with [Relay.Host] or an HTTP server.
// Use [NewCDN] to create one.
type CDN struct {
	videos   deliveries
	requests requestLog
}

// NewCDN returns a CDN without videos.
func NewCDN() *CDN { return new(CDN) }

// Put sets how the video at a path is delivered and replaces any earlier setting. A
// path that ends in a slash matches all paths that begin with it; the longest match
// wins.
func (c *CDN) Put(path string, delivery Delivery) { c.videos.set(path, delivery) }

// Requests returns the requests received so far, in order. The Path of each includes
// the query.
func (c *CDN) Requests() []Request { return c.requests.all() }

// DiscardRequests discards the recorded requests and stops recording, for a CDN that
// runs for a long time.
func (c *CDN) DiscardRequests() { c.requests.discard() }

// ServeHTTP delivers the video at the path, or responds with 404.
func (c *CDN) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	req = c.requests.add(req, req.URL.RequestURI())
	delivery, cut, found := c.videos.next(req.URL.Path, req.URL)
	if !found {
		delivery.Status = http.StatusNotFound
	}
	delivery.serve(w, req, cut)
}
