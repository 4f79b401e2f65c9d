package xiexus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/xiexus/xiexus-go/internal/auth"
	"golang.org/x/time/rate"
)

// The environment variables that New reads where no option is given.
const (
	EnvAPIKey  = "XIEXUS_API_KEY"
	EnvBaseURL = "XIEXUS_BASE_URL"
)

// DefaultBaseURL is the server of the published document.
const DefaultBaseURL = "https://api.xiexus.cn"

const (
	defaultMaxRetries      = 2
	defaultRequestTimeout  = time.Minute
	defaultMaxResponseSize = 16 << 20
)

// Option configures a Client.
type Option func(*config) error

// config is what the options of New say.
type config struct {
	key             auth.Source
	knownKey        auth.Key // zero where a function hands keys out
	baseURL         string
	httpClient      *http.Client
	logger          *slog.Logger
	userAgent       string
	maxRetries      int
	requestTimeout  time.Duration
	maxResponseSize int64
	limiter         *rate.Limiter
	insecureHTTP    bool

	privateAddresses bool
}

func newConfig(opts []Option) (*config, error) {
	cfg := &config{
		httpClient:      &http.Client{},
		logger:          slog.New(slog.DiscardHandler),
		userAgent:       "xiexus-go/" + Version,
		maxRetries:      defaultMaxRetries,
		requestTimeout:  defaultRequestTimeout,
		maxResponseSize: defaultMaxResponseSize,
	}
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(cfg); err != nil {
			return nil, fmt.Errorf("xiexus: %w", err)
		}
	}
	if err := cfg.readEnvironment(); err != nil {
		return nil, fmt.Errorf("xiexus: %w", err)
	}
	return cfg, nil
}

// readEnvironment fills in what no option has set.
func (cfg *config) readEnvironment() error {
	if cfg.key == nil {
		switch err := WithAPIKey(os.Getenv(EnvAPIKey))(cfg); {
		case errors.Is(err, auth.ErrNoKey):
			return fmt.Errorf("%w: set %s or use WithAPIKey", err, EnvAPIKey)
		case err != nil:
			return fmt.Errorf("%s: %w", EnvAPIKey, err)
		}
	}
	if cfg.baseURL == "" {
		cfg.baseURL = os.Getenv(EnvBaseURL)
	}
	if cfg.baseURL == "" {
		cfg.baseURL = DefaultBaseURL
	}
	return nil
}

// WithAPIKey sets the API key. It is taken as people paste it: spaces, a
// newline, quotes or "Bearer " around it do not matter. By default the key is
// read from XIEXUS_API_KEY.
func WithAPIKey(key string) Option {
	// Parsed here, so that no closure that can be dumped holds the plain text.
	parsed, err := auth.ParseKey(key)
	return func(cfg *config) error {
		cfg.key, cfg.knownKey = auth.Static(parsed), parsed
		return err
	}
}

// WithAPIKeyFunc sets a function that hands out the API key, for keys that
// change. It is called before each request, maybe from several goroutines at
// once, and its errors come back from the call that needed the key.
func WithAPIKeyFunc(key func(context.Context) (string, error)) Option {
	return func(cfg *config) error {
		if key == nil {
			return errors.New("WithAPIKeyFunc: the function is nil")
		}
		cfg.key, cfg.knownKey = auth.Func(key), auth.Key{}
		return nil
	}
}

// WithBaseURL sets the relay's address, with or without a scheme, a trailing
// slash or "/v1". By default, and if it is empty, it is read from
// XIEXUS_BASE_URL, and without that it is DefaultBaseURL. New refuses plain http
// except to a loopback address: see WithInsecureHTTP.
func WithBaseURL(address string) Option {
	return func(cfg *config) error {
		cfg.baseURL = address
		return nil
	}
}

// WithHTTPClient sets the HTTP client to send with. The Client works on a copy:
// it puts the key on top of the transport and does not follow redirects to
// another origin. Videos are fetched over its transport too, but without its
// cookies, its redirect policy and its Timeout. By default a new http.Client is
// used, with a transport that keeps enough idle connections for many tasks at
// once; a client without a transport gets that one too.
func WithHTTPClient(client *http.Client) Option {
	return func(cfg *config) error {
		if client == nil {
			return errors.New("WithHTTPClient: the client is nil")
		}
		cfg.httpClient = client
		return nil
	}
}

// WithLogger sets a logger: requests at level Debug, errors that are tried again
// at level Warn. By default nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		if logger == nil {
			return errors.New("WithLogger: the logger is nil")
		}
		cfg.logger = logger
		return nil
	}
}

// WithUserAgent sets the User-Agent header. By default it is "xiexus-go/" and Version.
func WithUserAgent(userAgent string) Option {
	return func(cfg *config) error {
		if strings.ContainsFunc(userAgent, unicode.IsControl) {
			return errors.New("WithUserAgent: the text holds a control character")
		}
		cfg.userAgent = userAgent
		return nil
	}
}

// WithMaxRetries sets how often Get asks again after a network error, a 408, a
// 429 or a 5xx; how often Create does after what the relay provably did not take;
// and how often a download does in a row while nothing new comes. By default 2; 0
// asks once. Waits have their own schedule and are not limited by it.
func WithMaxRetries(n int) Option {
	return func(cfg *config) error {
		if n < 0 {
			return fmt.Errorf("WithMaxRetries: %d is negative", n)
		}
		cfg.maxRetries = n
		return nil
	}
}

// WithRequestTimeout limits each request, from sending it to the last byte of
// its answer; retries start anew. By default one minute, because some relays
// hold a read for more than 20 seconds while they ask upstream; 0 sets no limit.
// A download may take longer: there it is for how long a connection may be silent.
func WithRequestTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		if d < 0 {
			return fmt.Errorf("WithRequestTimeout: %s is negative", d)
		}
		cfg.requestTimeout = d
		return nil
	}
}

// WithMaxResponseSize limits the body of an answer, in bytes; past it a read
// fails with ErrResponseTooLarge. By default 16 MiB: relays include their
// upstream's raw answer, and 3 MB have been seen.
func WithMaxResponseSize(bytes int64) Option {
	return func(cfg *config) error {
		if bytes <= 0 {
			return fmt.Errorf("WithMaxResponseSize: %d is not positive", bytes)
		}
		cfg.maxResponseSize = min(bytes, math.MaxInt64-1)
		return nil
	}
}

// WithRateLimit limits the requests of the Client, all tasks together, to
// perSecond on average and burst at once. By default there is no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("WithRateLimit: %v a second with a burst of %d lets nothing through", perSecond, burst)
		}
		cfg.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithInsecureHTTP allows a base URL with plain http to an address that is not
// loopback. The key then crosses the network in clear text.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecureHTTP = true
		return nil
	}
}

// WithPrivateAddresses lets downloads fetch videos from addresses of this machine,
// of private networks and link-local ones. By default they are ErrAddressRefused,
// because an address is what a relay says and not what the caller does: it must
// not lead to what only this machine can reach. With a base URL on loopback or a
// private network, other such addresses, but link-local ones, are allowed anyway.
// Names are checked as they resolve, before anything is sent; behind a proxy, or a
// transport of the caller's own that is no http.Transport, only the URL is seen. A
// DialContext of the caller's own is judged by where it leads: one through a tunnel
// on this machine needs this option, where a Proxy does not.
func WithPrivateAddresses() Option {
	return func(cfg *config) error {
		cfg.privateAddresses = true
		return nil
	}
}
