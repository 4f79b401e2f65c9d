// Package engine connects to NATS JetStream, on a cluster or in this process, and opens the
// streams and buckets of a fleet.
package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Config is where a fleet keeps its work. Exactly one of URLs and Store must be set.
type Config struct {
	// URLs are those of a NATS cluster, separated by commas.
	URLs string
	// Creds, CA, Cert and Key are files for the connection to URLs: the credentials of the
	// user, the certificate authority of the servers, and the certificate and key of the
	// client. Empty ones are not used.
	Creds, CA, Cert, Key string
	// Store is the directory of an embedded server.
	Store string
	// Name prefixes all streams and buckets.
	Name string
	// Replicas is how many servers of a cluster store each message, up to 5. Zero means 3 in
	// a cluster, and 1 elsewhere; existing streams then may have any number.
	Replicas int
	// AckWait is how long a process that says nothing keeps what it works on. Zero is
	// [AckWait]; all processes of a fleet must have the same.
	AckWait time.Duration
	// Patient keeps trying until the servers can be reached, instead of a few seconds.
	Patient bool
	// Logger receives what happens to the connection.
	Logger *slog.Logger
}

// impatience is how long a command waits for the servers that is not Patient.
const impatience = 15 * time.Second

// Engine is a connection to JetStream with the streams and buckets of a fleet.
type Engine struct {
	// JS publishes to streams.
	JS jetstream.JetStream
	// Subjects are the subjects of the streams.
	Subjects Subjects

	// Waits has the shards of tasks that are waited for.
	Waits jetstream.Stream
	// Creates has the create requests that have not been sent.
	Creates jetstream.Stream
	// Results has the results, one each.
	Results jetstream.Stream
	// WaitQueue and CreateQueue deliver the messages of Waits and Creates to the workers.
	WaitQueue, CreateQueue jetstream.Consumer

	// Cursors has the cursors of each shard.
	Cursors jetstream.KeyValue
	// Claims has what became of each create request, from before it is sent.
	Claims jetstream.KeyValue
	// State has what all workers know: see package shared.
	State jetstream.KeyValue
	// Workers has the workers that are alive.
	Workers jetstream.KeyValue

	logger   *slog.Logger
	conn     *nats.Conn
	ackWait  time.Duration
	embedded *embedded
}

// Open connects, and creates the streams and buckets that do not exist. It returns a
// [*ShapeError] if some have another shape.
func Open(ctx context.Context, cfg Config) (*Engine, error) {
	if !cfg.Patient {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, impatience, ErrUnreachable)
		defer cancel()
	}
	e := &Engine{Subjects: subjectsOf(cfg.Name), logger: cfg.Logger, ackWait: cmp.Or(cfg.AckWait, AckWait)}
	if err := e.connect(cfg); err != nil {
		return nil, err
	}
	log := e.warning()
	err := Retry(ctx, func(ctx context.Context) error {
		err := e.checkConnected(cfg)
		if err == nil {
			err = e.openAll(ctx, cfg)
		}
		if err != nil && cfg.Patient && !isPermanent(err) {
			log.warn("waiting for NATS", err)
		}
		return err
	})
	if err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// checkConnected returns why there is no connection, if there is none.
func (e *Engine) checkConnected(cfg Config) error {
	if e.conn.IsConnected() {
		return nil
	}
	err := cmp.Or(e.conn.LastError(), nats.ErrNoServers)
	if errors.Is(err, nats.ErrAuthorization) && cfg.URLs != "" && !cfg.Patient {
		return &permanentError{err}
	}
	return err
}

// repeatedWarning logs an error that occurs again and again once.
type repeatedWarning struct {
	logger *slog.Logger
	last   string
}

func (e *Engine) warning() *repeatedWarning { return &repeatedWarning{logger: e.logger} }

func (w *repeatedWarning) warn(message string, err error) {
	if text := err.Error(); text != w.last {
		w.last = text
		w.logger.Warn(message, "error", err)
	}
}

// ErrUnreachable means that no server has responded in time.
var ErrUnreachable = errors.New("cannot reach the NATS servers")

func (e *Engine) connect(cfg Config) error {
	options, err := connectOptions(cfg)
	if err != nil {
		return err
	}
	urls := cfg.URLs
	if cfg.Store != "" {
		if e.embedded, err = openEmbedded(cfg.Store, cfg.Logger); err != nil {
			return err
		}
		urls = embeddedURL
		options = append(options, e.embedded.options()...)
	}
	if e.conn, err = nats.Connect(urls, options...); err != nil {
		e.Close()
		return fmt.Errorf("connect to NATS: %w", withoutURL(err))
	}
	if e.embedded != nil {
		e.embedded.keep(e.conn)
	}
	e.JS, err = jetstream.New(e.conn)
	return err
}

// Close closes the connection, and stops the embedded server if it runs in this process.
func (e *Engine) Close() {
	if e.conn != nil {
		if e.conn.IsConnected() {
			_ = e.conn.FlushTimeout(time.Second) // what was handed back
		}
		e.conn.Close()
	}
	if e.embedded != nil {
		e.embedded.close()
	}
}

// IsConnected reports whether the connection to a server is up.
func (e *Engine) IsConnected() bool { return e.conn.IsConnected() }

// MaxPayload is the size of the largest message, in bytes, that the servers accept.
func (e *Engine) MaxPayload() int { return int(e.conn.MaxPayload()) }
