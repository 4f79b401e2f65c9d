package xiexus

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/auth"
	"golang.org/x/time/rate"
)

// Client submits, reads and waits for video generation tasks. It is safe for use by any
// number of goroutines, and shows no key however it is printed. The zero value
// is not usable: see New.
type Client struct {
	base            *url.URL
	key             auth.Source
	knownKey        auth.Key // zero where a function hands keys out
	http            *http.Client
	videos          *http.Client // may be led anywhere by an address, with care
	api             *gen.Client
	silent          bool // what sends is the caller's own, and may not tell what it does
	userAgent       string
	logger          *slog.Logger
	maxRetries      int
	requestTimeout  time.Duration
	maxResponseSize int64
	limiter         *rate.Limiter
	created         *createdTasks
}

// New returns a Client. By default the API key is read from XIEXUS_API_KEY and
// the base URL from XIEXUS_BASE_URL; without either, New fails for lack of a
// key, and uses DefaultBaseURL. Nothing is sent before the first call.
func New(opts ...Option) (*Client, error) {
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	if cfg.knownKey.In([]byte(cfg.baseURL)) {
		return nil, errors.New("xiexus: the base URL holds the API key: give each in its own place")
	}
	base, err := parseBaseURL(cfg.baseURL, cfg.insecureHTTP)
	if err != nil {
		return nil, fmt.Errorf("xiexus: %w", err)
	}
	client := &Client{
		base:            base,
		key:             cfg.key,
		knownKey:        cfg.knownKey,
		userAgent:       cfg.userAgent,
		logger:          cfg.logger,
		maxRetries:      cfg.maxRetries,
		requestTimeout:  cfg.requestTimeout,
		maxResponseSize: cfg.maxResponseSize,
		limiter:         cfg.limiter,
		created:         new(createdTasks),
	}
	client.http, client.videos, client.silent = newHTTPClients(cfg, base)
	client.api = &gen.Client{Server: base.String() + "/", Client: client.http}
	return client, nil
}

// API returns the generated client: every operation of the document, with raw
// answers. It sends over the same transport, which adds the key for the base
// URL's origin and no other. It does not retry, does not read what relays answer
// beyond the document, and knows no limit of rate, time or size: bring a context
// and a limit of your own. A new client is returned each time.
func (c *Client) API() *gen.Client {
	api := *c.api
	return &api
}

// CloseIdleConnections closes connections that are kept open for the next
// request. Programs that make many short-lived clients call it; others need not.
func (c *Client) CloseIdleConnections() {
	c.http.CloseIdleConnections()
	c.videos.CloseIdleConnections()
}

// String says which relay the Client talks to.
func (c Client) String() string { return fmt.Sprintf("xiexus.Client(%s)", c.base) }

// Format writes what String returns, for every verb.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue logs what String returns.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
