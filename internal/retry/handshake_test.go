package retry_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/retry"
)

func TestFailsHandshake(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"untrusted", &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, true},
		{"unknown authority", x509.UnknownAuthorityError{}, true},
		{"another host", x509.HostnameError{Certificate: new(x509.Certificate), Host: "relay"}, true},
		{"expired", x509.CertificateInvalidError{Reason: x509.Expired}, true},
		{"no TLS", tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, true},
		{"plain http", http.ErrSchemeMismatch, true},
		{"no error", nil, false},
		{"lost connection", io.EOF, false},
		{"timeout", context.DeadlineExceeded, false},
		{"another error", errors.New("tls: internal error"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, retry.FailsHandshake(test.err))
			if test.err != nil {
				require.Equal(t, test.want, retry.FailsHandshake(fmt.Errorf("cannot connect: %w", test.err)))
			}
		})
	}
}

// The errors of net/http itself.
func TestFailsHandshake_RecognizesErrorsOfNetHTTP(t *testing.T) {
	secure, plain := httptest.NewTLSServer(http.NotFoundHandler()), httptest.NewServer(http.NotFoundHandler())
	defer secure.Close()
	defer plain.Close()
	secure.Config.ErrorLog = nil
	trusting := secure.Client().Transport.(*http.Transport).Clone()
	trusting.TLSClientConfig.ServerName = "relay.invalid"
	for name, test := range map[string]struct {
		transport *http.Transport
		url       string
	}{
		"unknown authority": {&http.Transport{}, secure.URL},
		"another host":      {trusting, secure.URL},
		"plain http":        {&http.Transport{}, "https" + plain.URL[len("http"):]},
	} {
		_, err := (&http.Client{Transport: test.transport}).Get(test.url)
		require.True(t, retry.FailsHandshake(err), "%s: %v", name, err)
	}
}
