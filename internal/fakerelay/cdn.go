package fakerelay

import (
	"net/http"
	"sync"
	"time"
)

// CDN is where videos are, at an origin of its own. It wants no key, and keeps
// who asked it for what. It is an http.Handler; NewCDN makes one.
type CDN struct {
	videos deliveries

	mu       sync.Mutex
	forgets  bool
	requests []Request
}

// NewCDN returns a CDN without videos.
func NewCDN() *CDN { return new(CDN) }

// Put sets how a path is answered. One that ends in a slash stands for all that
// begin with it. What was set before for the same path is replaced.
func (c *CDN) Put(path string, delivery Delivery) { c.videos.set(path, delivery) }

// Requests returns what the CDN has been asked so far, in order.
func (c *CDN) Requests() []Request {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Request(nil), c.requests...)
}

// Forget makes the CDN keep no requests, for one that serves for long.
func (c *CDN) Forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forgets, c.requests = true, nil
}

// ServeHTTP sends the video of the path, or a 404.
func (c *CDN) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	c.mu.Lock()
	if !c.forgets {
		c.requests = append(c.requests, Request{
			At: time.Now(), Method: req.Method, Path: req.URL.RequestURI(), Header: req.Header.Clone(),
		})
	}
	c.mu.Unlock()
	delivery, cut, found := c.videos.next(req.URL.Path, req.URL)
	if !found {
		delivery.Status = http.StatusNotFound
	}
	delivery.serve(w, req, cut)
}
