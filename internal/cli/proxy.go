package cli

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
)

// useAllProxy lets HTTP and HTTPS requests use the proxy in ALL_PROXY where they have none of
// their own, as curl does: net/http does not read that variable. It changes the environment,
// because every transport reads the proxies there, and has to be called before the first
// request. NO_PROXY keeps its effect.
func useAllProxy() error {
	name, value := lookupEither("ALL_PROXY")
	if value == "" {
		return nil
	}
	for _, missing := range []string{"HTTP_PROXY", "HTTPS_PROXY"} {
		if _, set := lookupEither(missing); set != "" {
			continue
		}
		proxy, err := knownProxy(value)
		if err == nil {
			err = os.Setenv(missing, proxy)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// lookupEither returns a variable that is named in capitals or in small letters.
func lookupEither(name string) (found, value string) {
	for _, name := range []string{name, strings.ToLower(name)} {
		if value := os.Getenv(name); value != "" {
			return name, value
		}
	}
	return name, ""
}

// knownProxy returns the URL of a proxy in a form that net/http understands. The errors do
// not quote the URL, which may have a password.
func knownProxy(raw string) (string, error) {
	if !strings.Contains(raw, "://") {
		raw = "http://" + raw
	}
	proxy, err := url.Parse(raw)
	if err != nil || proxy.Host == "" {
		return "", errors.New("cannot parse the URL of the proxy")
	}
	switch proxy.Scheme {
	case "http", "https", "socks5", "socks5h":
	case "socks":
		proxy.Scheme = "socks5"
	default:
		return "", fmt.Errorf("unsupported proxy scheme %q; use http, https or socks5", proxy.Scheme)
	}
	return proxy.String(), nil
}
