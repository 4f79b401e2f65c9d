package faults_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"math/big"
	"net"
	"time"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

// bubbleStart is when time begins in a bubble of testing/synctest.
var bubbleStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func newAuthority() *authority {
	key, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: bubbleStart.AddDate(-1, 0, 0), NotAfter: bubbleStart.AddDate(50, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, _ := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	cert, _ := x509.ParseCertificate(der)
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &authority{cert, key, pool}
}

// certificate returns a certificate for names, valid until a time.
func (a *authority) certificate(until time.Time, names ...string) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), DNSNames: names, NotBefore: bubbleStart.AddDate(-1, 0, 0), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, _ := x509.CreateCertificate(rand.Reader, template, a.cert, &a.key.PublicKey, a.key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: a.key}
}

var tlsFaults = []fault{
	{name: "certificate has expired", tls: func(ca *authority, config *tls.Config) {
		config.Certificates = []tls.Certificate{ca.certificate(bubbleStart.AddDate(0, -1, 0), relayHost, cdnHost)}
	}},
	{name: "certificate for another name", tls: func(ca *authority, config *tls.Config) {
		config.Certificates = []tls.Certificate{ca.certificate(bubbleStart.AddDate(50, 0, 0), "other.example.com")}
	}},
	{name: "certificate of an unknown authority", tls: func(_ *authority, config *tls.Config) {
		config.Certificates = []tls.Certificate{newAuthority().certificate(bubbleStart.AddDate(50, 0, 0), relayHost, cdnHost)}
	}},
	{name: "no certificate", tls: func(_ *authority, config *tls.Config) { config.Certificates = nil }},
	{name: "TLS 1.1", tls: func(_ *authority, config *tls.Config) {
		config.MinVersion, config.MaxVersion = tls.VersionTLS11, tls.VersionTLS11
	}},
	{name: "plain HTTP on the port of TLS", accept: func(_ *proxy, conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1<<16))
		_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
	}},
	{name: "closed in the handshake", accept: func(_ *proxy, conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<16)) }},
	{name: "silent in the handshake", accept: func(_ *proxy, conn net.Conn) { drain(conn) }},
}
