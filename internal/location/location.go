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

	// Artifact is the name of an artifact of the task, such as "video": newer relays have an
	// endpoint for each.
	Artifact string
	// Query is the query for the relay's own endpoint, which may give access to the video.
	Query string
}

// Parse returns where a URL points. An empty one means the relay's content endpoint, and
// so does the path of that endpoint on any host or none: operators often leave the host
// at its default, localhost:3000. The same is true of the endpoint for artifacts.
func Parse(rawURL, taskID string) (Location, error) {
	rawURL = strings.TrimSpace(rawURL)
	if isData(rawURL) { // may be megabytes: not parsed as a URL
		return Location{Data: rawURL}, nil
	}
	if rawURL == "" {
		return Location{}, nil
	}
	if path, query, _ := strings.Cut(rawURL, "?"); !strings.Contains(path, "://") {
		if artifact, found := endpoint(path, taskID); found {
			return Location{Artifact: artifact, Query: query}, nil
		}
	}
	u, err := url.Parse(rawURL) // which lowers the scheme
	switch {
	case err != nil: // not shown: it repeats the URL
		return Location{}, errors.New("cannot parse the URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return Location{}, fmt.Errorf("unsupported scheme %q, want http, https or data", u.Scheme)
	case u.Host == "":
		return Location{}, errors.New("no host")
	}
	if artifact, found := endpoint(u.Path, taskID); found {
		return Location{Artifact: artifact, Query: u.RawQuery}, nil
	}
	return Location{URL: u}, nil
}

// endpoint reports whether path is an endpoint of relays for the video of a task, and which
// artifact of the task it is for, if it is not the one for its content.
func endpoint(path, taskID string) (artifact string, found bool) {
	path = "/" + strings.TrimSuffix(path, "/")
	if strings.HasSuffix(path, "/v1/videos/"+taskID+"/content") {
		return "", true
	}
	_, rest, found := strings.Cut(path, "/v1/tasks/"+taskID+"/artifacts/")
	artifact, complete := strings.CutSuffix(rest, "/content")
	return artifact, found && complete && artifact != "" && strings.Trim(artifact, ".") != "" && !strings.Contains(artifact, "/")
}

// Printable returns u without its query, user name and password, which may be what
// gives access to the video.
func Printable(u *url.URL) string {
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path, RawPath: u.RawPath}).String()
}
