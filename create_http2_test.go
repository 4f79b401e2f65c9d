package xiexus_test

import (
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestCreate_OverHTTP2(t *testing.T) {
	var protocol atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		protocol.Store(int32(req.ProtoMajor))
		var body xiexus.CreateRequest
		_ = json.NewDecoder(req.Body).Decode(&body)
		_, _ = fmt.Fprintf(w, `{"task_id":"task_of_%s"}`, body.Model)
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(server.URL), xiexus.WithHTTPClient(server.Client()))
	require.NoError(t, err)
	defer client.CloseIdleConnections()
	task, err := client.Create(t.Context(), pianoCat)
	require.NoError(t, err)
	require.Equal(t, "task_of_model-1", task.TaskID)
	require.EqualValues(t, 2, protocol.Load())
}

// A task whose description has arrived is not lost because the stream does not end well.
func TestCreate_StreamBreaksAfterTheBody(t *testing.T) {
	const body = `{"task_id":"task_1","status":"queued"}`
	ends := map[string]func(req *http.Request){
		"reset":  func(*http.Request) { panic(http.ErrAbortHandler) },
		"no end": func(req *http.Request) { <-req.Context().Done() },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
				w.Header().Set("Content-Length", strconv.Itoa(len(body)))
				_, _ = io.WriteString(w, body)
				_ = http.NewResponseController(w).Flush()
				end(req)
			}))
			server.EnableHTTP2 = true
			server.StartTLS()
			defer server.Close()
			client, err := xiexus.New(xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(server.URL), xiexus.WithHTTPClient(server.Client()))
			require.NoError(t, err)
			defer client.CloseIdleConnections()
			task, err := client.Create(t.Context(), pianoCat)
			require.NoError(t, err)
			require.Equal(t, "task_1", task.TaskID)
		})
	}
}

// The frames of HTTP/2 that a resetter knows (RFC 9113, section 6).
const (
	frameData     = 0
	frameReset    = 3
	frameSettings = 4
	flagAck       = 1
	flagEndStream = 1
)

// resetter is an HTTP/2 server that reads each request to its end, counts it, and
// resets its stream with a code (RFC 9113, section 7).
type resetter struct {
	code     uint32
	received atomic.Int32
}

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

// accept serves each connection of a listener until that is closed.
func (r *resetter) accept(listener net.Listener) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		r.serve(conn)
	}
}

// After a reset with some of the codes, net/http sends a request again by itself, as
// often as it is reset.
func TestCreate_ResetStream(t *testing.T) {
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
				server.accept(listener)
			}()
			network := certified.Client().Transport.(*http.Transport).Clone()
			network.ForceAttemptHTTP2 = true
			client, err := xiexus.New(
				xiexus.WithAPIKey(testKey),
				xiexus.WithBaseURL(fmt.Sprintf("https://%s", listener.Addr())),
				xiexus.WithHTTPClient(&http.Client{Transport: network}),
			)
			require.NoError(t, err)
			_, err = client.Create(t.Context(), pianoCat)
			requireUncertain(t, true, err)
			require.ErrorIs(t, err, xiexus.ErrUnavailable)
			require.EqualValues(t, 1, server.received.Load())
			client.CloseIdleConnections()
			_ = listener.Close()
			<-ended
		})
	}
}
