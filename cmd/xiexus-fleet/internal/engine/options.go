package engine

import (
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/url"
	"os"
	"time"

	"github.com/nats-io/nats.go"
)

// connectOptions returns the options of a connection that comes back whenever it is lost.
func connectOptions(cfg Config) ([]nats.Option, error) {
	options := []nats.Option{
		nats.Name("xiexus-fleet " + cfg.Name),
		nats.RetryOnFailedConnect(true),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // credentials are renewed, and the token of an embedded server
		nats.CustomReconnectDelay(reconnectDelay),
		nats.ReconnectBufSize(-1), // what was not sent is retried by its sender, or not at all
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
	}
	for _, file := range []struct {
		name   string
		option func() nats.Option
	}{
		{cfg.Creds, func() nats.Option { return nats.UserCredentials(cfg.Creds) }},
		{cfg.CA, func() nats.Option { return nats.RootCAs(cfg.CA) }},
		{cfg.Cert, func() nats.Option { return nats.ClientCert(cfg.Cert, cfg.Key) }},
	} {
		if file.name == "" {
			continue
		}
		if _, err := os.Stat(file.name); err != nil { // or every attempt to connect would fail
			return nil, err
		}
		options = append(options, file.option())
	}
	return append(options, logConnection(cfg.Logger)...), nil
}

// reconnectDelay returns how long to wait once all servers have been tried.
func reconnectDelay(attempts int) time.Duration {
	const shortest, longest = 100 * time.Millisecond, 5 * time.Second
	delay := min(shortest<<min(attempts, 10), longest)
	return delay/2 + rand.N(delay/2)
}

// logConnection logs when the connection is lost and when it is back.
func logConnection(logger *slog.Logger) []nats.Option {
	return []nats.Option{
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil { // not closed by us
				logger.Warn("lost the connection to NATS; reconnecting", "error", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) {
			logger.Info("reconnected to NATS", "server", redactURL(conn.ConnectedUrl()))
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			logger.Debug("NATS", "error", err)
		}),
	}
}

// errInvalidURL does not repeat the URL, which may have a password.
var errInvalidURL = errors.New("invalid URL; special characters of a password must be percent-encoded")

// withoutURL replaces the error of a URL that cannot be parsed.
func withoutURL(err error) error {
	if errors.As(err, new(*url.Error)) {
		return errInvalidURL
	}
	return err
}

// redactURL removes the password from a URL.
func redactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return "NATS"
	}
	return u.Redacted()
}
