// Package location determines what the URL of a task's video points to, and derives a
// file name from it. It sends nothing.
package location

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Kind is a kind of location.
type Kind int

// The kinds of locations that relays return.
const (
	RelayContent Kind = iota // the relay's own content endpoint
	Remote                   // any other server, mostly a vendor's CDN
	Data                     // a data URL, which contains the video
)

// Location is where a task's video is.
type Location struct {
	Kind Kind
	URL  *url.URL // of Remote
	Data string   // of Data: the complete URL
}

// Parse returns where a URL points. An empty one means the relay's content endpoint, and
// so does the path of that endpoint on any host or none: operators often leave the host
// at its default, localhost:3000.
func Parse(rawURL, taskID string) (Location, error) {
	rawURL = strings.TrimSpace(rawURL)
	if isData(rawURL) { // may be megabytes: not parsed as a URL
		return Location{Kind: Data, Data: rawURL}, nil
	}
	if rawURL == "" || !strings.Contains(rawURL, "://") && isRelayContent(rawURL, taskID) {
		return Location{Kind: RelayContent}, nil
	}
	u, err := url.Parse(rawURL) // which lowers the scheme
	switch {
	case err != nil: // not shown: it repeats the URL
		return Location{}, errors.New("cannot parse the URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return Location{}, fmt.Errorf("unsupported scheme %q, want http, https or data", u.Scheme)
	case u.Host == "":
		return Location{}, errors.New("no host")
	case isRelayContent(u.Path, taskID):
		return Location{Kind: RelayContent}, nil
	}
	return Location{Kind: Remote, URL: u}, nil
}

// isRelayContent reports whether path is the relay's content endpoint for a task.
func isRelayContent(path, taskID string) bool {
	path, _, _ = strings.Cut(path, "?")
	return strings.HasSuffix("/"+strings.TrimSuffix(path, "/"), "/v1/videos/"+taskID+"/content")
}

// Printable returns u without its query, user name and password, which may be what
// gives access to the video.
func Printable(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
