package xiexus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/xiexus/xiexus-go/internal/auth"
	"github.com/xiexus/xiexus-go/internal/poll"
	"golang.org/x/time/rate"
)

// Option configures a [Client]. [New] returns its error. A nil Option is ignored, as
// is a nil [WaitOption] or [DownloadOption].
type Option func(*config) error

// WithAPIKey sets the API key. Spaces, quotes and "Bearer " around a pasted key do not
// matter. By default the key is read from [EnvAPIKey].
func WithAPIKey(key string) Option {
	// Parsed here, so that no closure that can be dumped holds the plain text.
	parsed, err := auth.ParseKey(key)
	return func(cfg *config) error {
		cfg.key, cfg.knownKey = auth.Static(parsed), parsed
		return err
	}
}

// WithAPIKeyFunc sets a function that returns the API key, for keys that change. It
// is called before each request, possibly by several goroutines at once. The method
// that needed the key returns its error.
func WithAPIKeyFunc(key func(context.Context) (string, error)) Option {
	return func(cfg *config) error {
		cfg.key, cfg.knownKey = auth.Func(key), auth.Key{}
		return notNil("WithAPIKeyFunc", key == nil)
	}
}

// WithBaseURL sets the base URL of the relay, with or without a scheme, a trailing
// slash or "/v1". By default, and if it is empty, it is read from [EnvBaseURL], and
// without that it is [DefaultBaseURL]. Plain http is an error except for a loopback
// address; see [WithInsecureHTTP].
func WithBaseURL(baseURL string) Option {
	return func(cfg *config) error {
		cfg.baseURL = baseURL
		return nil
	}
}

// WithHTTPClient sets the HTTP client for requests to the relay, for a proxy or
// middleware. The Client uses a copy that adds the API key and does not follow
// redirects to another origin. By default, and for an http.Client without a
// Transport, the transport keeps enough idle connections for many tasks at once.
// Videos at other origins are downloaded over [WithDownloadTransport].
func WithHTTPClient(client *http.Client) Option {
	return func(cfg *config) error {
		cfg.httpClient = client
		return notNil("WithHTTPClient", client == nil)
	}
}

// WithDownloadTransport sets the transport for videos at other origins than the
// relay's. Of their URLs it only sees what is checked without resolving a name: the
// scheme, literal IP addresses and names of the local host. By default downloads use a
// transport that also checks each address before it connects to it (see
// [WithPrivateAddresses]), and takes a proxy from the environment.
func WithDownloadTransport(transport http.RoundTripper) Option {
	return func(cfg *config) error {
		cfg.downloadTransport = transport
		return notNil("WithDownloadTransport", transport == nil)
	}
}

// WithLogger sets a logger: requests are logged at level Debug, retries at level Warn.
// By default nothing is logged.
func WithLogger(logger *slog.Logger) Option {
	return func(cfg *config) error {
		cfg.logger = logger
		return notNil("WithLogger", logger == nil)
	}
}

// WithUserAgent sets the User-Agent header. By default it is "xiexus-go/" and [Version].
func WithUserAgent(userAgent string) Option {
	return func(cfg *config) error {
		if strings.ContainsFunc(userAgent, unicode.IsControl) {
			return errors.New("WithUserAgent: the value must not contain control characters")
		}
		cfg.userAgent = userAgent
		return nil
	}
}

// WithMaxRetries sets how often a failed request is retried: by [Client.Get] after a
// network error, a 408, a 429 or a 5xx; by [Client.Create] only if the relay provably
// did not accept the task; by a download in a row without receiving anything new. By
// default 2; zero means no retries. Waits have a schedule of their own.
func WithMaxRetries(n int) Option {
	return func(cfg *config) error {
		cfg.maxRetries = n
		return notNegative("WithMaxRetries", n)
	}
}

// WithRequestTimeout limits each attempt of a request, from the first byte sent to the
// last byte received. By default one minute, because some relays hold a read for more
// than 20 seconds; zero means no limit. In a download it is the idle timeout: how long
// a connection may deliver nothing.
func WithRequestTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		cfg.requestTimeout = d
		return notNegative("WithRequestTimeout", d)
	}
}

// WithMaxResponseSize limits the body of a response, in bytes; a larger one is
// [ErrResponseTooLarge]. By default 16 MiB: relays include what their upstream sent,
// and 3 MB have been seen. Videos are limited by [WithMaxDownloadSize] instead.
func WithMaxResponseSize(bytes int64) Option {
	return func(cfg *config) error {
		if bytes <= 0 {
			return fmt.Errorf("WithMaxResponseSize: %d must be positive", bytes)
		}
		cfg.maxResponseSize = min(bytes, math.MaxInt64-1)
		return nil
	}
}

// WithRateLimit limits the requests of the Client, for all tasks together, to perSecond
// on average and burst at once. By default there is no limit.
func WithRateLimit(perSecond float64, burst int) Option {
	return func(cfg *config) error {
		if !(perSecond > 0) || burst < 1 {
			return fmt.Errorf("WithRateLimit: %v per second and a burst of %d must be positive", perSecond, burst)
		}
		cfg.limiter = rate.NewLimiter(rate.Limit(perSecond), burst)
		return nil
	}
}

// WithInsecureHTTP allows a base URL with plain http that is not a loopback address.
// The key then crosses the network in clear text.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecureHTTP = true
		return nil
	}
}

// WithPrivateAddresses lets downloads connect to loopback, private and link-local
// addresses. By default these are [ErrAddressRefused], because the URL of a video is
// the relay's choice and must not reach what only this machine can. If the base URL
// itself is a loopback or private address, others are allowed too, except link-local
// ones. Behind a proxy only the URL is checked.
func WithPrivateAddresses() Option {
	return func(cfg *config) error {
		cfg.privateAddresses = true
		return nil
	}
}

// WaitOption configures [Client.Wait], [Client.Watch] and [Client.WaitAll], which
// return its error.
type WaitOption func(*waitConfig) error

type waitConfig struct {
	maxWait     time.Duration
	schedule    poll.Schedule
	concurrency int
	progress    func(*Task)
}

func newWaitConfig(opts []WaitOption) (*waitConfig, error) {
	cfg := &waitConfig{maxWait: 30 * time.Minute, concurrency: 16}
	return cfg, apply(cfg, opts)
}

// WithMaxWait sets the deadline of each wait, counted from its beginning. By default 30
// minutes; zero means no deadline but the context's. Relays fail unfinished tasks
// after 24 hours.
func WithMaxWait(d time.Duration) WaitOption {
	return func(cfg *waitConfig) error {
		cfg.maxWait = d
		return notNegative("WithMaxWait", d)
	}
}

// WithInterval sets the delay after the first poll, and the longest delay; in between
// it grows by half each time, with 10 % of jitter. Neither may be below one second;
// zero means 2 s and 15 s. By default, and with two zeros, a wait follows the server's
// update interval instead where it can; see [Client.Wait].
func WithInterval(first, longest time.Duration) WaitOption {
	return func(cfg *waitConfig) error {
		for _, d := range []time.Duration{first, longest} {
			if d != 0 && d < poll.Floor {
				return fmt.Errorf("WithInterval: %s must be at least %s", d, poll.Floor)
			}
		}
		if longest != 0 && longest < first {
			return fmt.Errorf("WithInterval: the longest delay %s must not be below the first, %s", longest, first)
		}
		cfg.schedule = poll.Schedule{First: first, Max: longest}
		return nil
	}
}

// WithConcurrency sets how many requests of one [Client.WaitAll] may be under way: from
// 1 to 10,000, by default 16. A single wait has one.
func WithConcurrency(n int) WaitOption {
	return func(cfg *waitConfig) error {
		const most = 10_000
		if n < 1 || n > most {
			return fmt.Errorf("WithConcurrency: %d must be between 1 and %d", n, most)
		}
		cfg.concurrency = n
		return nil
	}
}

// WithProgress calls fn with the task after each poll that returns one, including the
// last. One goroutine at a time calls it, and no wait continues until it returns. By
// default there is none.
func WithProgress(fn func(*Task)) WaitOption {
	return func(cfg *waitConfig) error {
		cfg.progress = fn
		return notNil("WithProgress", fn == nil)
	}
}

// DownloadOption configures [Client.Download] and [Client.DownloadFile], which return
// its error.
type DownloadOption func(*downloadConfig) error

type downloadConfig struct {
	overwrite bool
	maxSize   int64
	progress  func(done, total int64)
}

// WithOverwrite lets [Client.DownloadFile] replace an existing regular file. By
// default that is [io/fs.ErrExist].
func WithOverwrite() DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.overwrite = true
		return nil
	}
}

// WithMaxDownloadSize limits the size of the video, in bytes; a larger one is
// [ErrResponseTooLarge]. By default, and with zero, there is no limit.
func WithMaxDownloadSize(bytes int64) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.maxSize = bytes
		return notNegative("WithMaxDownloadSize", bytes)
	}
}

// WithDownloadProgress calls fn with the bytes downloaded so far and the size of the
// video, or -1 if the server does not report it. A resumed download starts with what
// an earlier one received. It is called at least once for every 256 KiB, by the
// goroutine of the download, which waits for it. By default there is none.
func WithDownloadProgress(fn func(done, total int64)) DownloadOption {
	return func(cfg *downloadConfig) error {
		cfg.progress = fn
		return notNil("WithDownloadProgress", fn == nil)
	}
}

// apply runs options on a configuration.
func apply[C any, O ~func(*C) error](cfg *C, opts []O) error {
	for _, opt := range opts {
		if opt == nil {
			continue
		}
		if err := opt(cfg); err != nil {
			return fmt.Errorf("xiexus: %w", err)
		}
	}
	return nil
}

func notNegative[N int | int64 | time.Duration](option string, n N) error {
	if n < 0 {
		return fmt.Errorf("%s: %v must not be negative", option, n)
	}
	return nil
}

func notNil(option string, isNil bool) error {
	if isNil {
		return fmt.Errorf("%s: the argument must not be nil", option)
	}
	return nil
}
