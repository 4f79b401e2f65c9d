package xiexus_test

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// resetter is an HTTP/2 server that reads each request whole, counts it and resets
// its stream with a code (RFC 9113, section 7).
type resetter struct {
	code     uint32
	received atomic.Int32
}

// The frames of RFC 9113, section 6, that a resetter knows.
const (
	frameData     = 0
	frameReset    = 3
	frameSettings = 4
	flagAck       = 1
	flagEndStream = 1
)

func (r *resetter) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	preface := make([]byte, 24)
	if _, err := io.ReadFull(conn, preface); err != nil {
		return
	}
	send := func(kind, flags byte, stream uint32, payload []byte) {
		frame := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
		frame = binary.BigEndian.AppendUint32(append(frame, flags), stream)
		_, _ = conn.Write(append(frame, payload...))
	}
	send(frameSettings, 0, 0, nil)
	for {
		header := make([]byte, 9)
		if _, err := io.ReadFull(conn, header); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(header) >> 8)
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		switch kind, flags := header[3], header[4]; {
		case kind == frameSettings && flags&flagAck == 0:
			send(frameSettings, flagAck, 0, nil)
		case kind == frameData && flags&flagEndStream != 0:
			r.received.Add(1)
			send(frameReset, 0, binary.BigEndian.Uint32(header[5:]), binary.BigEndian.AppendUint32(nil, r.code))
		}
	}
}

// net/http repeats by itself what was reset with some of the codes, as often as it is.
func TestASubmitWhoseStreamIsResetIsSentOnce(t *testing.T) {
	certified := httptest.NewTLSServer(http.NotFoundHandler())
	defer certified.Close()
	for code, name := range map[uint32]string{1: "PROTOCOL_ERROR", 2: "INTERNAL_ERROR", 7: "REFUSED_STREAM", 8: "CANCEL", 11: "ENHANCE_YOUR_CALM"} {
		t.Run(name, func(t *testing.T) {
			listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: certified.TLS.Certificates, NextProtos: []string{"h2"}})
			require.NoError(t, err)
			server := &resetter{code: code}
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}
					server.serve(conn)
				}
			}()
			network := certified.Client().Transport.(*http.Transport).Clone()
			network.ForceAttemptHTTP2 = true
			client, err := xiexus.New(
				xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(fmt.Sprintf("https://%s", listener.Addr())),
				xiexus.WithHTTPClient(&http.Client{Transport: network}),
			)
			require.NoError(t, err)
			_, err = client.Create(t.Context(), cat)
			var uncertain *xiexus.CreateUncertainError
			require.ErrorAs(t, err, &uncertain)
			require.ErrorIs(t, err, xiexus.ErrUnavailable)
			require.EqualValues(t, 1, server.received.Load())
			client.CloseIdleConnections()
			_ = listener.Close()
			<-ended
		})
	}
}
