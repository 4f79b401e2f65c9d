package xiexustest

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go"
)

// DefaultAPIKey is the API key of a [Relay] without [WithAPIKey].
const DefaultAPIKey = "sk-key-of-the-fake-relay"

const baseURL = "http://relay.localhost"

// Relay is a fake relay. It is an [http.Handler], and [Relay.HTTPClient] reaches it
// without a server. Its methods are safe for concurrent use. Use [NewRelay] or
// [StartRelay] to create one.
type Relay struct {
	apiKey   string
	routes   http.Handler
	network  *network
	content  deliveries
	requests requestLog
	served   atomic.Int64 // requests so far

	mu      sync.Mutex
	tasks   map[string]*task
	creates creates
	batches batches
	models  []string
}

// TB is the part of *testing.T, *testing.B and *testing.F that [NewRelay] needs. It
// is declared here so that programs that use a [Relay] do not link package testing.
type TB interface {
	// Helper marks the caller as a test helper.
	Helper()
	// Cleanup registers a function to call when the test ends.
	Cleanup(func())
}

// Option configures a [Relay].
type Option func(*Relay)

// WithAPIKey sets the API key that the relay accepts. By default it is
// [DefaultAPIKey].
func WithAPIKey(key string) Option {
	return func(r *Relay) { r.apiKey = key }
}

// NewRelay returns a relay without tasks and closes it when the test ends.
func NewRelay(tb TB, opts ...Option) *Relay {
	tb.Helper()
	relay := StartRelay(opts...)
	tb.Cleanup(relay.Close)
	return relay
}

// StartRelay returns a relay without tasks, for programs that are not tests. The
// caller must call [Relay.Close] when done.
func StartRelay(opts ...Option) *Relay {
	r := &Relay{apiKey: DefaultAPIKey, tasks: map[string]*task{}}
	for _, opt := range opts {
		if opt != nil {
			opt(r)
		}
	}
	r.SetContent(Delivery{NoRange: true})
	r.routes = newRoutes(r)
	r.network = newNetwork(r)
	return r
}

// Close closes all connections of [Relay.HTTPClient] and rejects new ones. Servers
// that use the relay as their handler are not affected.
func (r *Relay) Close() { r.network.close() }

// Options returns the options for [xiexus.New] that connect a client in memory to the
// relay and to the hosts set with [Relay.Host]: the API key, the base URL and the
// transports. Append to it to set more.
func (r *Relay) Options() []xiexus.Option {
	return []xiexus.Option{
		xiexus.WithAPIKey(r.APIKey()),
		xiexus.WithBaseURL(r.BaseURL()),
		xiexus.WithHTTPClient(r.HTTPClient()),
		xiexus.WithDownloadTransport(r.HTTPClient().Transport),
	}
}

// APIKey returns the API key that the relay accepts.
func (r *Relay) APIKey() string { return r.apiKey }

// BaseURL returns the base URL to use with [Relay.HTTPClient]:
// http://relay.localhost, a host name that is never looked up.
func (r *Relay) BaseURL() string { return baseURL }

// HTTPClient returns a client that reaches the relay in memory, under every host name
// except those set with [Relay.Host]. URLs may be http or https; TLS is never used.
func (r *Relay) HTTPClient() *http.Client { return r.network.client() }

// Host sets the handler, such as a [CDN], of the requests that [Relay.HTTPClient]
// sends to a host. The host includes the port if the URL has one.
func (r *Relay) Host(host string, handler http.Handler) { r.network.setHost(host, handler) }

// Add adds a task and starts its script. It replaces any task with the same ID and
// discards its remaining faults.
func (r *Relay) Add(id string, script Script) {
	r.add(&task{id: id, script: script, added: time.Now()})
}

// AddOnFirstRead adds a task whose script starts when it is first read.
func (r *Relay) AddOnFirstRead(id string, script Script) {
	r.add(&task{id: id, script: script})
}

func (r *Relay) add(t *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks[t.id] = t
}

// Fail makes the next reads of a task by itself fail, one per fault; for batches see
// [Relay.FailBatches]. A zero [Fault] is a read that succeeds. Fail does nothing if there
// is no such task.
func (r *Relay) Fail(id string, faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if task, found := r.tasks[id]; found {
		task.faults.add(faults)
	}
}

// Requests returns the requests received so far, in order. The Path of each is the
// escaped path as it was sent, without the query.
func (r *Relay) Requests() []Request { return r.requests.all() }

// DiscardRequests discards the recorded requests and stops recording, for a relay
// that runs for a long time.
func (r *Relay) DiscardRequests() { r.requests.discard() }

// ServeHTTP serves the API of a relay.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	req = r.requests.add(req, req.URL.EscapedPath())
	requestID := fmt.Sprintf("fake-%06d", r.served.Add(1))
	w.Header().Set("X-Oneapi-Request-Id", requestID)
	w.Header().Set("X-New-Api-Version", "fake")
	if needsKey(req) && req.Header.Get("Authorization") != "Bearer "+r.apiKey {
		unauthorized(w, req, requestID)
		return
	}
	r.routes.ServeHTTP(w, req)
}

// needsKey reports whether a request is one of the API, not of the website.
func needsKey(req *http.Request) bool {
	return strings.HasPrefix(req.URL.Path, "/v1/") || req.URL.Path == batchPath
}
