package auth

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"
)

// Origin is a scheme, a host and a port (RFC 6454). Origins are compared with ==.
type Origin struct{ scheme, host, port string }

// OriginOf returns the origin of u. By default the port is that of the scheme.
func OriginOf(u *url.URL) Origin {
	origin := Origin{scheme: lower(u.Scheme), host: lower(u.Hostname()), port: u.Port()}
	if origin.port == "" {
		switch origin.scheme {
		case "http":
			origin.port = "80"
		case "https":
			origin.port = "443"
		}
	}
	return origin
}

// lower lowers ASCII only: İ would become the i of another host.
func lower(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return s
	}
	return strings.ToLower(s)
}

// Transport adds the key to requests for one origin and to no others, not even through
// redirects.
type Transport struct {
	// Base sends the requests.
	Base http.RoundTripper
	// Origin is the only one that receives the key.
	Origin Origin
	// Source returns the key unless the request's context has one: see [NewContext].
	Source Source
	// Defaults are headers of requests for the origin that do not set them. Their
	// names are canonical.
	Defaults http.Header
}

// RoundTrip sends a copy of req with the key if its URL is on the origin, and req
// itself otherwise. The response refers to req, so that a dump of it contains no
// key.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if OriginOf(req.URL) != t.Origin {
		return t.Base.RoundTrip(req)
	}
	key, err := t.key(req.Context())
	if err != nil {
		if req.Body != nil {
			_ = req.Body.Close() // as http.RoundTripper requires
		}
		return nil, err
	}
	authorized := *req
	authorized.Header = make(http.Header, len(t.Defaults)+len(req.Header)+1)
	maps.Copy(authorized.Header, t.Defaults)
	maps.Copy(authorized.Header, req.Header)
	// A new value each time: a transport below may overwrite the key in place, for a log.
	authorized.Header["Authorization"] = []string{key.reveal().authorization}

	resp, err := t.Base.RoundTrip(&authorized)
	if err != nil {
		return nil, err
	}
	resp.Request = req
	return resp, nil
}

// key returns the key for a request.
func (t *Transport) key(ctx context.Context) (Key, error) {
	key, ok := ctx.Value(contextKey{}).(Key)
	if !ok {
		var err error
		if key, err = t.Source(ctx); err != nil {
			return Key{}, err
		}
	}
	if key.IsZero() {
		return Key{}, ErrNoKey
	}
	return key, nil
}

// CloseIdleConnections closes the idle connections of Base, for [http.Client].
func (t *Transport) CloseIdleConnections() {
	(&http.Client{Transport: t.Base}).CloseIdleConnections()
}

type contextKey struct{} // of a Key

// NewContext returns a context whose requests use key, so that the caller knows
// the key of a request.
func NewContext(ctx context.Context, key Key) context.Context {
	return context.WithValue(ctx, contextKey{}, key)
}
