package xiexus

import (
	"net/http"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/download"
	"github.com/xiexus/xiexus-go/internal/ssrf"
)

// idleConnections is how many connections per host the default transport keeps. With the
// two of net/http, many concurrent tasks would open a new connection for each poll.
const idleConnections = 256

// connect builds the two chains that requests go through:
//
//	to the relay:  redirect rule -> API key -> network
//	to a video:    redirect rule -> API key -> network        on the relay's origin
//	                             -> guarded network           on any other
//
// The API key is added on the relay's origin only. The network is the caller's
// ([WithHTTPClient]); the guarded one refuses private addresses, unless the caller
// replaces it ([WithDownloadTransport]).
func (c *Client) connect() {
	network := c.httpClient.Transport
	if network == nil {
		network = defaultTransport()
	}
	_, isPlain := network.(*http.Transport)
	c.opaque = !isPlain

	keyed := &auth.Transport{
		Base:     network,
		Origin:   auth.OriginOf(c.base),
		Source:   c.key,
		Defaults: http.Header{"Accept": {"application/json"}, "User-Agent": {c.userAgent}},
	}
	relay := *c.httpClient // the caller's own is not changed
	relay.Transport = keyed
	relay.CheckRedirect = stayOnOrigin
	c.http = &relay

	policy := ssrf.NewPolicy(c.base.Hostname(), c.privateAddresses)
	c.videos = &http.Client{ // without the caller's cookies, and its timeout for short responses
		Transport:     ssrf.NewTransport(policy, c.base, keyed, c.downloadTransport),
		CheckRedirect: download.CheckRedirect,
	}
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
