package xiexus

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/auth"
)

const (
	// EnvAPIKey is the name of the environment variable that holds the API key.
	EnvAPIKey = "XIEXUS_API_KEY"
	// EnvBaseURL is the name of the environment variable that holds the base URL.
	EnvBaseURL = "XIEXUS_BASE_URL"
	// DefaultBaseURL is the server of the published OpenAPI document.
	DefaultBaseURL = "https://api.xiexus.cn"
)

// Client submits, reads, waits for and downloads video generation tasks. It is safe for
// concurrent use, and printing it never reveals the key. The zero value is not usable;
// create a Client with [New].
type Client struct {
	config
	base   *url.URL
	keyed  *auth.Transport              // to the relay, with the key
	http   *http.Client                 // to the relay
	videos *atomic.Pointer[http.Client] // to wherever the URL of a video points; see [Client.videoClient]
	opaque bool                         // http may send a request more than once, and report nothing
	api    *gen.Client

	learned *learned
}

// config is what options set.
type config struct {
	keys              *auth.Keys
	baseURL           string
	insecureHTTP      bool
	httpClient        *http.Client
	downloadTransport http.RoundTripper
	privateAddresses  bool
	logger            *slog.Logger
	userAgent         string
	acceptLanguage    string
	maxRetries        int
	requestTimeout    time.Duration
	maxResponseSize   int64
	limiter           Limiter
}

// New returns a Client. By default it reads the API key from [EnvAPIKey] and the base
// URL from [EnvBaseURL]. It returns an error if the key is missing or malformed, the
// base URL is unusable, or an option is invalid. It sends no requests.
func New(opts ...Option) (*Client, error) {
	c := &Client{videos: new(atomic.Pointer[http.Client]), learned: newLearned(), config: config{
		httpClient:      &http.Client{},
		logger:          slog.New(slog.DiscardHandler),
		userAgent:       "xiexus-go/" + Version,
		maxRetries:      2,
		requestTimeout:  time.Minute,
		maxResponseSize: 16 << 20,
	}}
	if err := apply(&c.config, opts); err != nil {
		return nil, err
	}
	if err := c.readEnvironment(); err != nil {
		return nil, fmt.Errorf("xiexus: %w", err)
	}
	if c.keys.In(c.baseURL) {
		return nil, errors.New("xiexus: the base URL contains the API key")
	}
	var err error
	if c.base, err = parseBaseURL(c.baseURL, c.insecureHTTP); err != nil {
		return nil, fmt.Errorf("xiexus: %w", err)
	}
	c.connect()
	if c.api, err = gen.NewClient(c.base.String(), gen.WithHTTPClient(c.http)); err != nil {
		return nil, fmt.Errorf("xiexus: %w", err)
	}
	return c, nil
}

// readEnvironment sets what no option has set.
func (cfg *config) readEnvironment() error {
	if cfg.keys == nil {
		switch err := WithAPIKey(os.Getenv(EnvAPIKey))(cfg); {
		case errors.Is(err, auth.ErrNoKey):
			return fmt.Errorf("%w; set %s or use WithAPIKey", err, EnvAPIKey)
		case err != nil:
			return fmt.Errorf("%s: %w", EnvAPIKey, err)
		}
	}
	cfg.baseURL = cmp.Or(cfg.baseURL, os.Getenv(EnvBaseURL), DefaultBaseURL)
	return nil
}

// API returns the generated client, which has every operation of the OpenAPI document and
// of its overlay. It uses the same transport, which adds the key to requests for the base
// URL's origin only. It does not retry, ignores [WithRateLimit], [WithRequestTimeout] and
// [WithMaxResponseSize], and returns responses as the relay sent them. Each call returns
// a new client.
func (c *Client) API() *gen.Client {
	api := *c.api
	return &api
}

// CloseIdleConnections closes idle connections. Programs that create many short-lived
// clients should call it.
func (c *Client) CloseIdleConnections() {
	c.http.CloseIdleConnections()
	if videos := c.videos.Load(); videos != nil {
		videos.CloseIdleConnections()
	}
}

// String returns "xiexus.Client" and the base URL.
func (c Client) String() string { return fmt.Sprintf("xiexus.Client(%s)", c.base) }

// Format writes what [Client.String] returns, for every verb.
func (c Client) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// LogValue logs what [Client.String] returns.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }
