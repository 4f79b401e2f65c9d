package fetch

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Kind says what sort of place a video is at.
type Kind int

// The places that relays name.
const (
	Content Kind = iota // the relay's own route for videos
	Remote              // any other URL, mostly a vendor's CDN
	Inline              // the address itself, a data URL
)

// Place is where a task's video is.
type Place struct {
	Kind Kind
	URL  *url.URL // of Remote
	Data string   // of Inline
}

// Locate says where an address leads. No address is the relay's route, and so is
// that route's path at any host, or at none: operators leave the host at localhost:3000.
func Locate(address, taskID string) (Place, error) {
	address = strings.TrimSpace(address)
	if _, isData := dataType(address); isData { // may be megabytes: not parsed as a URL
		return Place{Kind: Inline, Data: address}, nil
	}
	if address == "" || !strings.Contains(address, "://") && isContent(address, taskID) {
		return Place{Kind: Content}, nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return Place{}, fmt.Errorf("%w: it is no URL", ErrAddress)
	}
	if u.Scheme != "http" && u.Scheme != "https" { // url.Parse lowers it
		return Place{}, fmt.Errorf("%w: %q is none of http, https and data", ErrAddress, u.Scheme)
	}
	if u.Host == "" {
		return Place{}, fmt.Errorf("%w: it has no host", ErrAddress)
	}
	if isContent(u.Path, taskID) {
		return Place{Kind: Content}, nil
	}
	return Place{Kind: Remote, URL: u}, nil
}

// isContent reports the path of the relay's route for a task's video.
func isContent(path, taskID string) bool {
	path, _, _ = strings.Cut(path, "?")
	return strings.HasSuffix("/"+strings.TrimSuffix(path, "/"), "/v1/videos/"+taskID+"/content")
}

// Plain is a URL without what makes it a key to the video: its query, and a
// user's name and password.
func Plain(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}

// Redirect follows at most ten redirects, for an http.Client. It does not tell a
// server where we come from: that address may be a key to the video.
func Redirect(req *http.Request, via []*http.Request) error {
	const most = 10
	if len(via) > most {
		return fmt.Errorf("%w: it redirects more than %d times", ErrAddress, most)
	}
	req.Header.Del("Referer")
	return nil
}
