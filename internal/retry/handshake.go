package retry

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
)

// FailsHandshake reports whether err is that of a TLS handshake that fails each time it is
// tried: the certificate is not trusted, has expired or is for another host, or the server
// does not speak TLS. Nothing was sent.
func FailsHandshake(err error) bool {
	var untrusted *tls.CertificateVerificationError
	var notTLS tls.RecordHeaderError
	if errors.As(err, &untrusted) || errors.As(err, &notTLS) || errors.Is(err, http.ErrSchemeMismatch) {
		return true
	}
	// These are not wrapped where the caller verifies certificates.
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	return errors.As(err, &authority) || errors.As(err, &host) || errors.As(err, &invalid)
}
