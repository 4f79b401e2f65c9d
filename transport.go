package xiexus

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/fetch"
)

// idleConnections is how many connections the default transport keeps open to
// a relay: net/http's 2 make many tasks at once dial anew for every question.
const idleConnections = 256

// newHTTPClients puts the two chains together, from the outside in: the redirect
// rule, the key for the base URL's origin, then the network, which for videos is
// one that minds where a relay sends us. silent reports that the network is no
// http.Transport, and may not tell what it does.
func newHTTPClients(cfg *config, base *url.URL) (api, videos *http.Client, silent bool) {
	network, dialer := cfg.httpClient.Transport, (*net.Dialer)(nil)
	if network == nil {
		network, dialer = newTransport()
	}
	keyed := auth.Transport{
		Base:     network,
		Origin:   auth.OriginOf(base),
		Source:   cfg.key,
		Defaults: http.Header{"Accept": {"application/json"}, "User-Agent": {cfg.userAgent}},
	}
	client := *cfg.httpClient // the caller's own stays as it is
	client.Transport = &keyed
	client.CheckRedirect = stayOnOrigin

	guarded := keyed
	guarded.Base = fetch.NewNetwork(network, dialer, base, cfg.privateAddresses)
	// Neither the caller's cookies nor its limit of time, which is for short answers.
	videos = &http.Client{Transport: &guarded, CheckRedirect: fetch.Redirect}
	_, tells := network.(*http.Transport)
	return &client, videos, !tells
}

// standardTransport is net/http's own, unless a package that was initialized
// before this one has replaced it.
var standardTransport = http.DefaultTransport

// newTransport also returns what the transport dials with, if that is known.
func newTransport() (http.RoundTripper, *net.Dialer) {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // the program has replaced it
		return http.DefaultTransport, nil
	}
	transport := standard.Clone()
	transport.MaxIdleConns = 0 // no limit beside the one for each host
	transport.MaxIdleConnsPerHost = idleConnections
	if http.DefaultTransport != standardTransport {
		return transport, nil
	}
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second} // as net/http's own
	transport.DialContext = dialer.DialContext
	return transport, dialer
}

// stayOnOrigin follows redirects of reads within an origin, and hands any other
// back as the answer: a relay that sends its API elsewhere has another base URL,
// and a submit is not sent twice.
func stayOnOrigin(req *http.Request, via []*http.Request) error {
	const most = 5
	if len(via) > most || via[0].Method != http.MethodGet || auth.OriginOf(req.URL) != auth.OriginOf(via[0].URL) {
		return http.ErrUseLastResponse
	}
	return nil
}
