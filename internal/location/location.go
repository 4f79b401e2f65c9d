// Package location determines what the URL of a task's video points to, and derives a
// file name from it. It sends nothing.
package location

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Location is where a task's video is. The zero value is the relay's own content endpoint.
type Location struct {
	URL  *url.URL // on any other server, mostly a vendor's CDN
	Data string   // a data URL, which contains the video
}

// Parse returns where a URL points. An empty one means the relay's content endpoint, and
// so does the path of that endpoint on any host or none: operators often leave the host
// at its default, localhost:3000.
func Parse(rawURL, taskID string) (Location, error) {
	rawURL = strings.TrimSpace(rawURL)
	if isData(rawURL) { // may be megabytes: not parsed as a URL
		return Location{Data: rawURL}, nil
	}
	if rawURL == "" || !strings.Contains(rawURL, "://") && isRelayContent(rawURL, taskID) {
		return Location{}, nil
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
		return Location{}, nil
	}
	return Location{URL: u}, nil
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
