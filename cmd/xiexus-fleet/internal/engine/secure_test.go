package engine_test

import (
	"crypto/tls"
	"encoding/pem"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
)

// secureServer starts a NATS server with TLS and a password. It returns its URL without the
// password, and the file of its certificate authority.
func secureServer(t *testing.T) (*url.URL, string) {
	certificates := httptest.NewTLSServer(http.NotFoundHandler())
	certificates.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	encoded := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificates.Certificate().Raw})
	require.NoError(t, os.WriteFile(ca, encoded, 0o600))
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: server.RANDOM_PORT, JetStream: true, StoreDir: t.TempDir(), NoSigs: true,
		Username: "fleet", Password: "secret", TLS: true, TLSTimeout: 5,
		TLSConfig: &tls.Config{Certificates: certificates.TLS.Certificates, MinVersion: tls.VersionTLS12},
	})
	require.NoError(t, err)
	s.Start()
	t.Cleanup(func() {
		s.Shutdown()
		s.WaitForShutdown()
	})
	require.True(t, s.ReadyForConnections(time.Minute))
	return &url.URL{Scheme: "tls", Host: s.Addr().String()}, ca
}

func TestOpen_WithTLSAndAPassword(t *testing.T) {
	address, ca := secureServer(t)
	cfg := engine.Config{URLs: address.String(), CA: ca, Name: "fleet", Logger: slog.New(slog.DiscardHandler)}
	_, err := engine.Open(t.Context(), cfg)
	require.ErrorContains(t, err, "authorization violation")

	address.User = url.UserPassword("fleet", "secret")
	cfg.URLs = address.String()
	e, err := engine.Open(t.Context(), cfg)
	require.NoError(t, err)
	e.Close()
}

func TestOpen_DoesNotRepeatThePasswordOfAnInvalidURL(t *testing.T) {
	for _, address := range []string{"nats://fleet:secret@n1:port", "nats://fleet:sec ret@n1", "nats://fleet:sec%ret@n1", "nats://fleet:sec/ret@n1"} {
		_, err := engine.Open(t.Context(), engine.Config{URLs: address, Name: "fleet", Logger: slog.New(slog.DiscardHandler)})
		require.ErrorContains(t, err, "invalid URL")
		require.NotContains(t, err.Error(), "sec")
	}
}
