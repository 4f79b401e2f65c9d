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
)

// Option configures a [Client]. [New] reports invalid options. A nil Option is ignored, as
// is a nil [WaitOption] or [DownloadOption].
type Option func(*config) error

// WithAPIKey sets the API key. Surrounding spaces and quotes and a leading "Bearer " are
// removed. By default the key is read from [EnvAPIKey].
func WithAPIKey(key string) Option {
	// Parsed here, so that no closure that can be dumped holds the plain text.
	parsed, err := auth.ParseKey(key)
	return func(cfg *config) error {
		cfg.keys = auth.NewKeys(auth.Static(parsed), parsed)
		return err
	}
}

// WithAPIKeyFunc sets a function that returns the API key, for keys that change. It is
// called before each request, possibly concurrently. Its error is returned by the method
// that needed the key. The last 16 keys that it returned are redacted. By default the key
// is read once, from [EnvAPIKey].
func WithAPIKeyFunc(key func(context.Context) (string, error)) Option {
	return func(cfg *config) error {
		cfg.keys = auth.NewKeys(auth.Func(key))
		return notNil("WithAPIKeyFunc", key == nil)
	}
}

// WithBaseURL sets the base URL of the relay, with or without a scheme, a trailing slash or
// "/v1". The URL of an endpoint, such as "https://api.xiexus.cn/v1/video/generations", stands
// for the base URL in it; quotes around it are removed. By default, and if it is empty, the
// base URL is that of [EnvBaseURL], or [DefaultBaseURL] if that is empty too. Plain http is
// rejected unless the host is a loopback address or a localhost name, to which the Client
// then connects directly; see [WithInsecureHTTP].
func WithBaseURL(baseURL string) Option {
	return func(cfg *config) error {
		cfg.baseURL = baseURL
		return nil
	}
}

// WithHTTPClient sets the HTTP client for requests to the relay, for example to use a proxy
// or middleware. The Client uses a copy of it that adds the API key and does not follow
// redirects to another origin. By default, and for an http.Client without a Transport, the
// transport keeps enough idle connections for many concurrent tasks and uses the proxy of
// [http.ProxyFromEnvironment]. For a plain http base URL without [WithInsecureHTTP], a copy
// of an [*http.Transport] is used that connects to this machine only, without a proxy. Videos
// on other origins are downloaded over [WithDownloadTransport].
//
// A transport that is not an *http.Transport may repeat requests by itself. A create request
// that was handed to it counts as sent unless it reports ([net/http/httptrace]) that there was no
// connection.
func WithHTTPClient(client *http.Client) Option {
	return func(cfg *config) error {
		cfg.httpClient = client
		if client != nil && isNilTransport(client.Transport) {
			return errors.New("WithHTTPClient: the transport is a nil *http.Transport; leave it out for the default one")
		}
		return notNil("WithHTTPClient", client == nil)
	}
}

// WithDownloadTransport sets the transport for videos on origins other than the relay's.
// Before it is called, a URL is checked only as far as is possible without resolving names:
// its scheme, literal IP addresses, and names of the local host. The addresses that the
// transport connects to are not checked. By default the transport is one that also checks
// each address before it connects (see [WithPrivateAddresses]), and uses the proxy from the
// environment.
func WithDownloadTransport(transport http.RoundTripper) Option {
	return func(cfg *config) error {
		cfg.downloadTransport = transport
		return notNil("WithDownloadTransport", transport == nil || isNilTransport(transport))
	}
}

// WithLogger sets a logger. Each request is one record at level Debug, with its method, host,
// path, attempt and duration, and the status and request_id of the response, or the error.
// The attempt counts from one, again after each success. Each retry is one record at level
// Warn, with the delay before it. No record has the key, a query or a body. By default nothing
// is logged.
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

// WithAcceptLanguage sets the Accept-Language header of requests to the relay, such as
// "en-US,en;q=0.9": New API reports errors in English or Chinese. By default there is none,
// and the relay chooses.
func WithAcceptLanguage(languages string) Option {
	return func(cfg *config) error {
		if strings.ContainsFunc(languages, func(r rune) bool { return r > unicode.MaxASCII || unicode.IsControl(r) }) {
			return errors.New("WithAcceptLanguage: the value must be ASCII without control characters")
		}
		cfg.acceptLanguage = languages
		return nil
	}
}

// WithMaxRetries sets how many times a failed request is retried: by [Client.Get] after a
// network error, a truncated response, a 408, a 429 or a 5xx; by [Client.Create] only if
// the relay provably did not accept the task; by downloads after consecutive attempts that
// received nothing new, and for at least a minute while the server is unavailable. A
// server whose certificate is not trusted is not tried again. By default it is 2; zero
// disables retries. Waits are not affected.
func WithMaxRetries(n int) Option {
	return func(cfg *config) error {
		cfg.maxRetries = n
		return notNegative("WithMaxRetries", n)
	}
}

// WithRequestTimeout limits the duration of each attempt, from getting the key and
// connecting to the last byte of the response. By default it is one minute, because some
// relays take more than 20 seconds to respond to a read; zero means no limit. For downloads
// it is an idle timeout: how long a connection may go without delivering any data.
func WithRequestTimeout(d time.Duration) Option {
	return func(cfg *config) error {
		cfg.requestTimeout = d
		return notNegative("WithRequestTimeout", d)
	}
}

// WithMaxResponseSize limits the size of a response body in bytes; a larger one results in
// [ErrResponseTooLarge]. By default it is 16 MiB: relays include their upstream's response,
// and bodies of 3 MB have been observed. For videos, use [WithMaxDownloadSize].
func WithMaxResponseSize(bytes int64) Option {
	return func(cfg *config) error {
		if bytes <= 0 {
			return fmt.Errorf("WithMaxResponseSize: size must be positive, got %d", bytes)
		}
		cfg.maxResponseSize = min(bytes, math.MaxInt64-1)
		return nil
	}
}

// WithInsecureHTTP allows a plain http base URL that is not a loopback address, and proxies
// for any plain http base URL. The key is then sent over the network in clear text.
// By default such a base URL is rejected, and no proxy is used for one on loopback.
func WithInsecureHTTP() Option {
	return func(cfg *config) error {
		cfg.insecureHTTP = true
		return nil
	}
}

// WithPrivateAddresses allows downloads from loopback, private and link-local addresses. By
// default these are rejected with [ErrAddressRefused], because the relay chooses the URL of
// a video and must not be able to reach the internal network. If the host of the base URL
// is itself such an address, or a name that is not public (without a dot, or under .local,
// .internal, .localhost or .home.arpa), loopback and private addresses are allowed, but
// link-local ones only if it is link-local. Behind a proxy only the URL is checked.
func WithPrivateAddresses() Option {
	return func(cfg *config) error {
		cfg.privateAddresses = true
		return nil
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
		return fmt.Errorf("%s: value must not be negative, got %v", option, n)
	}
	return nil
}

// isNilTransport reports whether a round tripper is a nil [*http.Transport], which is not nil
// itself.
func isNilTransport(tripper http.RoundTripper) bool {
	transport, isStandard := tripper.(*http.Transport)
	return isStandard && transport == nil
}

func notNil(option string, isNil bool) error {
	if isNil {
		return fmt.Errorf("%s: the argument must not be nil", option)
	}
	return nil
}
