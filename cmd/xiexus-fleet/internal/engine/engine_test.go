package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, store, name string, replicas int) (*engine.Engine, error) {
	e, err := engine.Open(t.Context(), engine.Config{Store: store, Name: name, Replicas: replicas, Logger: slog.New(slog.DiscardHandler)})
	if err == nil {
		t.Cleanup(e.Close)
	}
	return e, err
}

func TestOpen_SeveralProcessesAtTheSameTime(t *testing.T) {
	store := t.TempDir()
	var opening sync.WaitGroup
	errs := make([]error, 5)
	for i := range errs {
		opening.Go(func() { _, errs[i] = open(t, store, "fleet", 0) })
	}
	opening.Wait()
	require.NoError(t, errors.Join(errs...))
}

func TestOpen_RefusesOtherShapes(t *testing.T) {
	store := t.TempDir()
	first, err := open(t, store, "first", 0)
	require.NoError(t, err)
	tests := []struct {
		name   string
		create func(context.Context, jetstream.JetStream, string) error
		want   []string
	}{
		{"a stream", func(ctx context.Context, js jetstream.JetStream, name string) error {
			_, err := js.CreateStream(ctx, jetstream.StreamConfig{Name: name + "-results", Subjects: []string{name + ".result.>"}, MaxAge: time.Hour})
			return err
		}, []string{"-results exists with other settings", "max age is 1h0m0s instead of 720h0m0s", "discard new per subject is false instead of true", "max messages per subject is -1 instead of 1"}},
		{"a bucket", func(ctx context.Context, js jetstream.JetStream, name string) error {
			_, err := js.CreateKeyValue(ctx, jetstream.KeyValueConfig{Bucket: name + "-claims", TTL: time.Hour})
			return err
		}, []string{"KV_", "-claims exists with other settings", "max age is 1h0m0s instead of 0s"}},
		{"a consumer", func(ctx context.Context, js jetstream.JetStream, name string) error {
			if _, err := open(t, store, name, 0); err != nil {
				return err
			}
			_, err := js.CreateOrUpdateConsumer(ctx, name+"-waits", jetstream.ConsumerConfig{Durable: "workers", AckPolicy: jetstream.AckExplicitPolicy, AckWait: time.Minute, MaxDeliver: 3, MaxWaiting: 2048})
			return err
		}, []string{"consumer workers of stream", "ack wait is 1m0s instead of 30s", "max deliver is 3 instead of -1"}},
	}
	for i, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			name := fmt.Sprintf("fleet%d", i)
			require.NoError(t, tt.create(t.Context(), first.JS, name))
			_, err := open(t, store, name, 0)
			var shape *engine.ShapeError
			require.ErrorAs(t, err, &shape)
			for _, want := range tt.want {
				require.ErrorContains(t, err, want)
			}
			_, err = open(t, store, "another", 0)
			require.NoError(t, err, "another name is free")
		})
	}
}

func TestOpen_ExplainsThatReplicasNeedServers(t *testing.T) {
	_, err := open(t, t.TempDir(), "fleet", 3)
	require.ErrorContains(t, err, "it needs 3 servers, see --replicas")
}

func TestOpen_MissingFilesAreNamed(t *testing.T) {
	for _, cfg := range []engine.Config{{Creds: "/no/such/creds"}, {CA: "/no/such/ca"}, {Cert: "/no/such/cert", Key: "/no/such/key"}} {
		cfg.URLs, cfg.Name, cfg.Logger = "nats://127.0.0.1:1", "fleet", slog.New(slog.DiscardHandler)
		_, err := engine.Open(t.Context(), cfg)
		require.ErrorContains(t, err, "/no/such/")
	}
}

// A second message of a subject is rejected, also much later than servers remember the IDs of
// messages.
func TestPublishOnce(t *testing.T) {
	e, err := open(t, t.TempDir(), "fleet", 0)
	require.NoError(t, err)
	subject := e.Subjects.Result + "task.a"
	for i, want := range []bool{true, false, false} {
		isNew, err := e.PublishOnce(t.Context(), e.Results, subject, fmt.Append(nil, i))
		require.NoError(t, err)
		require.Equal(t, want, isNew)
	}
	message, err := e.Results.GetLastMsgForSubject(t.Context(), subject)
	require.NoError(t, err)
	require.Equal(t, "0", string(message.Data))
}

// The server that delivers results ends, and another one runs on the same store.
func TestReader_GoesOnAfterATakeover(t *testing.T) {
	store := t.TempDir()
	first, err := engine.Open(t.Context(), engine.Config{Store: store, Name: "fleet", Logger: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	second, err := open(t, store, "fleet", 0)
	require.NoError(t, err)
	reader, err := second.NewReader(t.Context(), false)
	require.NoError(t, err)
	defer reader.Close()
	publish := func(id string) {
		_, err := second.PublishOnce(t.Context(), second.Results, second.Subjects.Result+"task."+id, []byte(id))
		require.NoError(t, err)
	}
	next := func() string {
		for {
			data, err := reader.Next(t.Context())
			if !errors.Is(err, engine.ErrNoResult) {
				require.NoError(t, err)
				return string(data)
			}
		}
	}
	publish("a")
	require.Equal(t, "a", next())
	first.Close()
	publish("b")
	require.Equal(t, "b", next())
}

func TestReader_ReadsEachResultOnce(t *testing.T) {
	store := t.TempDir()
	e, err := open(t, store, "fleet", 0)
	require.NoError(t, err)
	publish := func(id string) {
		_, err := e.PublishOnce(t.Context(), e.Results, e.Subjects.Result+"task."+id, []byte(id))
		require.NoError(t, err)
	}
	publish("a")
	publish("b")
	all, err := e.NewReader(t.Context(), false)
	require.NoError(t, err)
	defer all.Close()
	later, err := e.NewReader(t.Context(), true)
	require.NoError(t, err)
	defer later.Close()
	read := func(r *engine.Reader) string {
		data, err := r.Next(t.Context())
		require.NoError(t, err)
		return string(data)
	}
	require.Equal(t, "a", read(all))
	all.Close() // as if the connection had been lost
	require.Equal(t, "b", read(all))
	_, err = all.Next(t.Context())
	require.ErrorIs(t, err, engine.ErrNoResult)
	publish("c")
	require.Equal(t, "c", read(all))
	require.Equal(t, "c", read(later))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = all.Next(ctx)
	require.ErrorIs(t, err, context.Canceled)
}

// firstLine is a buffer for a log. It ends a context when something is logged.
type firstLine struct {
	bytes.Buffer
	end context.CancelFunc
}

func (l *firstLine) Write(line []byte) (int, error) {
	defer l.end()
	return l.Buffer.Write(line)
}

// Whoever submits to a queue that is full learns why that takes so long.
func TestPublish_LogsWhyAMessageIsNotStored(t *testing.T) {
	tests := []struct {
		name    string
		publish func(context.Context, *engine.Engine) error
	}{
		{"a shard", func(ctx context.Context, e *engine.Engine) error {
			return e.Publish(ctx, e.Subjects.Wait+"a.1", "a", []byte("a"))
		}},
		{"a create request", func(ctx context.Context, e *engine.Engine) error {
			_, err := e.PublishOnce(ctx, e.Creates, e.Subjects.Create+"a", []byte("a"))
			return err
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			log := firstLine{end: cancel}
			e, err := engine.Open(ctx, engine.Config{Store: t.TempDir(), Name: "fleet", Logger: slog.New(slog.NewTextHandler(&log, nil))})
			require.NoError(t, err)
			for _, stream := range []jetstream.Stream{e.Waits, e.Creates} {
				config := stream.CachedInfo().Config
				config.MaxMsgs, config.MaxBytes = -1, 1 // full
				_, err := e.JS.UpdateStream(ctx, config)
				require.NoError(t, err)
			}
			err = test.publish(ctx, e)
			e.Close()
			require.ErrorIs(t, err, context.Canceled)
			require.Contains(t, log.String(), "cannot store a message yet")
			require.Contains(t, log.String(), "maximum bytes exceeded")
		})
	}
}
