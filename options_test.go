package xiexus_test

import (
	"math"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
	"golang.org/x/time/rate"
)

func TestNew_Environment(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	t.Setenv(xiexus.EnvAPIKey, " Bearer "+testKey+"\n")
	t.Setenv(xiexus.EnvBaseURL, "relay.localhost/v1/")
	client, err := xiexus.New(xiexus.WithHTTPClient(relay.HTTPClient()))
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client(http://relay.localhost)", client.String())
	_, err = client.Get(t.Context(), "task")
	require.NoError(t, err)

	client, err = xiexus.New(xiexus.WithBaseURL("https://other.example.com"))
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client(https://other.example.com)", client.String(), "an option comes first")

	t.Setenv(xiexus.EnvBaseURL, "")
	client, err = xiexus.New()
	require.NoError(t, err)
	require.Equal(t, "xiexus.Client("+xiexus.DefaultBaseURL+")", client.String())

	t.Setenv(xiexus.EnvAPIKey, "")
	_, err = xiexus.New()
	require.EqualError(t, err, "xiexus: the API key is empty; set XIEXUS_API_KEY or use WithAPIKey")

	t.Setenv(xiexus.EnvAPIKey, "sk-a b")
	_, err = xiexus.New()
	require.ErrorContains(t, err, "xiexus: XIEXUS_API_KEY: the API key contains whitespace")
}

func TestNew_InvalidOptions(t *testing.T) {
	tests := []struct {
		name   string
		option xiexus.Option
		want   string
	}{
		{"empty key", xiexus.WithAPIKey(""), "the API key is empty"},
		{"key with a space", xiexus.WithAPIKey("sk-a b"), "the API key contains whitespace, a control character or a non-ASCII character; copy it again"},
		{"nil key function", xiexus.WithAPIKeyFunc(nil), "WithAPIKeyFunc: the argument must not be nil"},
		{"nil HTTP client", xiexus.WithHTTPClient(nil), "WithHTTPClient: the argument must not be nil"},
		{"HTTP client with a nil transport", xiexus.WithHTTPClient(&http.Client{Transport: (*http.Transport)(nil)}), "WithHTTPClient: the transport is a nil *http.Transport; leave it out for the default one"},
		{"nil download transport", xiexus.WithDownloadTransport(nil), "WithDownloadTransport: the argument must not be nil"},
		{"nil download transport of package http", xiexus.WithDownloadTransport((*http.Transport)(nil)), "WithDownloadTransport: the argument must not be nil"},
		{"nil logger", xiexus.WithLogger(nil), "WithLogger: the argument must not be nil"},
		{"line break in the user agent", xiexus.WithUserAgent("a\r\nX: b"), "WithUserAgent: the value must not contain control characters"},
		{"line break in the languages", xiexus.WithAcceptLanguage("en\r\nX: b"), "WithAcceptLanguage: the value must be ASCII without control characters"},
		{"languages that are not ASCII", xiexus.WithAcceptLanguage("中文"), "WithAcceptLanguage: the value must be ASCII without control characters"},
		{"negative retries", xiexus.WithMaxRetries(-1), "WithMaxRetries: value must not be negative, got -1"},
		{"negative timeout", xiexus.WithRequestTimeout(-time.Second), "WithRequestTimeout: value must not be negative, got -1s"},
		{"no response size", xiexus.WithMaxResponseSize(0), "WithMaxResponseSize: size must be positive, got 0"},
		{"negative response size", xiexus.WithMaxResponseSize(-1), "WithMaxResponseSize: size must be positive, got -1"},
		{"nil limiter", xiexus.WithLimiter(nil), "WithLimiter: the argument must not be nil"},
		{"nil limiter of package rate", xiexus.WithLimiter((*rate.Limiter)(nil)), "WithLimiter: the argument must not be nil"},
		{"no rate", xiexus.WithRateLimit(0, 1), "WithRateLimit: rate and burst must be positive, got 0 and 1"},
		{"rate that is not a number", xiexus.WithRateLimit(math.NaN(), 1), "WithRateLimit: rate and burst must be positive, got NaN and 1"},
		{"no burst", xiexus.WithRateLimit(1, 0), "WithRateLimit: rate and burst must be positive, got 1 and 0"},
		{"clear text", xiexus.WithBaseURL("http://relay.example.com"),
			`base URL "http://relay.example.com": the key would be sent in clear text; use https or WithInsecureHTTP`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), test.option)
			require.Nil(t, client)
			require.EqualError(t, err, "xiexus: "+test.want)
		})
	}
}

func TestNew_Options(t *testing.T) {
	tests := map[string]xiexus.Option{
		"nil":                   nil,
		"no retries":            xiexus.WithMaxRetries(0),
		"no request timeout":    xiexus.WithRequestTimeout(0),
		"largest response size": xiexus.WithMaxResponseSize(math.MaxInt64),
		"infinite rate":         xiexus.WithRateLimit(math.Inf(1), 1),
		"empty user agent":      xiexus.WithUserAgent(""),
	}
	for name, option := range tests {
		t.Run(name, func(t *testing.T) {
			relay := newRelay(t)
			relay.Add("task", xiexustest.Completes(0, ""))
			_, err := newClient(t, relay, option).Get(t.Context(), "task")
			require.NoError(t, err)
		})
	}
}

func TestAcceptLanguage(t *testing.T) {
	for languages, want := range map[string][]string{"": nil, "zh-CN,en;q=0.5": {"zh-CN,en;q=0.5"}} {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, ""))
		_, err := newClient(t, relay, xiexus.WithAcceptLanguage(languages)).Get(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, want, relay.Requests()[0].Header["Accept-Language"])
	}
}
