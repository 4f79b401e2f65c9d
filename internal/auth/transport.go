package auth

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"unicode/utf8"
)

// Origin is a scheme, a host and a port (RFC 6454). Origins compare with ==.
type Origin struct{ scheme, host, port string }

// OriginOf returns the origin of u. A missing port is the scheme's own.
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

// lower lowers ASCII only: Unicode's İ would become the i of another host.
func lower(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return s
	}
	return strings.ToLower(s)
}

// Transport adds the key to requests for one origin and to no others, whatever
// redirects say.
type Transport struct {
	// Base sends the requests.
	Base http.RoundTripper
	// Origin is the one that gets the key.
	Origin Origin
	// Source hands out the key where the request's context holds none.
	Source Source
	// Defaults are headers for the origin, for requests that do not set them.
	// Their names are canonical.
	Defaults http.Header
}

// RoundTrip sends a copy of req with the key when its URL is of the origin, and
// req as it is otherwise. The response refers to req, so that a dump of it
// shows no key; an error and a Location that repeat the key are redacted.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if OriginOf(req.URL) != t.Origin {
		return t.Base.RoundTrip(req)
	}
	key, ok := fromContext(req.Context())
	if !ok {
		var err error
		if key, err = t.Source(req.Context()); err != nil {
			closeBody(req)
			return nil, err
		}
	}
	if key.IsZero() {
		closeBody(req)
		return nil, ErrNoKey
	}
	if used, ok := req.Context().Value(usedKey{}).(*Used); ok {
		used.key.Store(&key)
	}
	authorized := *req
	authorized.Header = make(http.Header, len(t.Defaults)+len(req.Header)+1)
	maps.Copy(authorized.Header, t.Defaults)
	maps.Copy(authorized.Header, req.Header)
	// A value of its own: a transport below may blot the key out in place, for a log.
	authorized.Header["Authorization"] = []string{key.reveal().authorization}

	resp, err := t.Base.RoundTrip(&authorized)
	if err != nil {
		return nil, key.RedactError(err) // it may quote what the other side said
	}
	resp.Request = req
	if location := resp.Header.Get("Location"); key.In([]byte(location)) {
		resp.Header.Set("Location", string(key.Redact([]byte(location))))
	}
	return resp, nil
}

// CloseIdleConnections passes the call of an http.Client on to Base.
func (t *Transport) CloseIdleConnections() {
	if base, ok := t.Base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

// closeBody keeps the promise of http.RoundTripper that a body is always closed.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}

type contextKey struct{}

// NewContext returns a context whose requests use key, so that the caller knows
// which key a request was sent with.
func NewContext(ctx context.Context, key Key) context.Context {
	return context.WithValue(ctx, contextKey{}, key)
}

func fromContext(ctx context.Context) (Key, bool) {
	key, ok := ctx.Value(contextKey{}).(Key)
	return key, ok
}

type usedKey struct{}

// Used learns which key the requests of a context were sent with, if any was.
type Used struct{ key atomic.Pointer[Key] }

// Record returns a context whose requests tell Used.
func Record(ctx context.Context) (context.Context, *Used) {
	used := new(Used)
	return context.WithValue(ctx, usedKey{}, used), used
}

// Key returns the key of the last request, or the zero Key.
func (u *Used) Key() Key {
	if key := u.key.Load(); key != nil {
		return *key
	}
	return Key{}
}
