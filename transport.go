package xiexus

import (
	"net/http"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/location"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// idleConnections is how many connections per host the default transport keeps. With the
// two of net/http, many concurrent tasks would open a new connection for each poll.
const idleConnections = 256

// connect builds the chain that requests to the relay go through, and [Client.videoClient] the
// one to videos:
//
//	to the relay:  redirect rule -> sanitizer -> API key -> network
//	to a video:    redirect rule -> sanitizer -> API key -> network        on the relay's origin
//	                                          -> guarded network           on any other
//
// The sanitizer removes keys from what comes back. The API key is added on the relay's
// origin only, and not if another origin redirected there. The network is the caller's
// ([WithHTTPClient]), and stays on this machine if the key is sent in clear text; the guarded
// one refuses private addresses, unless the caller replaces it ([WithDownloadTransport]).
func (c *Client) connect() {
	network := c.httpClient.Transport
	if network == nil {
		network = defaultTransport()
	}
	plain, isPlain := network.(*http.Transport)
	c.opaque = !isPlain
	if isPlain && c.base.Scheme == "http" && !c.insecureHTTP {
		network = ssrf.LoopbackOnly(plain)
	}
	c.keyed = &auth.Transport{
		Base:     network,
		Origin:   auth.OriginOf(c.base),
		Source:   c.keys.Key,
		Defaults: c.defaultHeaders(),
	}
	relay := *c.httpClient // the caller's own is not changed
	relay.Transport = &sanitizer{c.keyed, c.keys}
	relay.CheckRedirect = stayOnOrigin
	c.http = &relay
}

// videoClient returns the client for videos. The first download builds it: programs that
// download nothing do not even link it.
func (c *Client) videoClient() *http.Client {
	if client := c.videos.Load(); client != nil {
		return client
	}
	origin := c.keyed.Origin
	policy := ssrf.NewPolicy(c.base.Hostname(), c.privateAddresses)
	trusted := func(req *http.Request) bool {
		return auth.OriginOf(req.URL) == origin && (hasStayedOn(origin, req) || location.IsContent(c.base, req.URL))
	}
	c.videos.CompareAndSwap(nil, &http.Client{ // without the caller's cookies, and its timeout for short responses
		Transport:     &sanitizer{ssrf.NewTransport(policy, trusted, c.keyed, c.downloadTransport), c.keys},
		CheckRedirect: download.CheckRedirect,
	})
	return c.videos.Load()
}

// defaultHeaders returns the headers of requests to the relay that do not set them.
func (c *Client) defaultHeaders() http.Header {
	headers := http.Header{"Accept": {"application/json"}, "User-Agent": {c.userAgent}}
	if c.acceptLanguage != "" {
		headers.Set("Accept-Language", c.acceptLanguage)
	}
	return headers
}

// defaultTransport returns the transport of [http.DefaultClient], with more idle
// connections.
func defaultTransport() http.RoundTripper {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program has replaced it
		return http.DefaultTransport
	}
	transport := standard.Clone()
	transport.MaxIdleConns = 0 // the limit for each host is enough
	transport.MaxIdleConnsPerHost = idleConnections
	return transport
}

// stayOnOrigin follows redirects of reads within an origin and returns any other
// redirect as the response. A relay whose API is elsewhere has another base URL, and a
// create request must not be sent twice.
func stayOnOrigin(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) > most || via[0].Method != http.MethodGet || auth.OriginOf(req.URL) != auth.OriginOf(via[0].URL) {
		return http.ErrUseLastResponse
	}
	return nil
}

// hasStayedOn reports whether all redirects that led to a request came from an origin.
func hasStayedOn(origin auth.Origin, req *http.Request) bool {
	for resp := req.Response; resp != nil; resp = resp.Request.Response {
		if auth.OriginOf(resp.Request.URL) != origin {
			return false
		}
	}
	return true
}
