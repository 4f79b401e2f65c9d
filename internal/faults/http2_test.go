package faults_test

import (
	"encoding/binary"
	"io"
	"net"
)

// The frames and codes of HTTP/2 that faults consist of (RFC 9113, sections 6 and 7).
const (
	frameHeaders  = 1
	frameData     = 0
	frameReset    = 3
	frameSettings = 4
	frameGoAway   = 7

	flagAck       = 1
	flagEndStream = 1

	noError          = 0
	internalError    = 2
	flowControlError = 3
	refusedStream    = 7
	enhanceYourCalm  = 11
	http11Required   = 13
)

// frames is a connection of HTTP/2.
type frames struct{ net.Conn }

func (f frames) send(kind, flags byte, stream uint32, payload ...uint32) {
	frame := binary.BigEndian.AppendUint32(nil, uint32(4*len(payload))<<8|uint32(kind))
	frame = binary.BigEndian.AppendUint32(append(frame, flags), stream)
	for _, word := range payload {
		frame = binary.BigEndian.AppendUint32(frame, word)
	}
	_, _ = f.Write(frame)
}

// serveHTTP2 reads requests and responds to each with the fault.
func (p *proxy) serveHTTP2(conn frames) {
	if _, err := io.CopyN(io.Discard, conn, 24); err != nil { // the preface
		return
	}
	conn.send(frameSettings, 0, 0)
	created := map[uint32]bool{} // streams with a body: only create requests and batches have one
	for {
		header := make([]byte, 9)
		if _, err := io.ReadFull(conn, header); err != nil {
			return
		}
		length := int64(binary.BigEndian.Uint32(header) >> 8)
		if _, err := io.CopyN(io.Discard, conn, length); err != nil {
			return
		}
		kind, flags, stream := header[3], header[4], binary.BigEndian.Uint32(header[5:])
		switch {
		case kind == frameSettings && flags&flagAck == 0:
			conn.send(frameSettings, flagAck, 0)
		case kind == frameData:
			created[stream] = true
		}
		if (kind == frameData || kind == frameHeaders) && flags&flagEndStream != 0 {
			p.countHTTP2(created[stream])
			p.fault.http2(conn, stream)
			if !p.always { // the client connects again
				conn.send(frameGoAway, 0, 0, stream, noError)
			}
		}
	}
}

// countHTTP2 counts a request. Those with a body are batches, in the calls that read.
func (p *proxy) countHTTP2(hasBody bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if hasBody && p.creating {
		p.creates++
	} else {
		p.reads++
	}
}

// goAway ends the connection: requests after the last stream were not processed.
func goAway(last func(stream uint32) uint32, code uint32) func(frames, uint32) {
	return func(conn frames, stream uint32) {
		conn.send(frameGoAway, 0, 0, last(stream), code)
		_ = conn.Close()
	}
}

func resetStream(code uint32) func(frames, uint32) {
	return func(conn frames, stream uint32) { conn.send(frameReset, 0, stream, code) }
}

func none(uint32) uint32        { return 0 }
func this(stream uint32) uint32 { return stream }

var http2Faults = []fault{
	{name: "GOAWAY before the request, NO_ERROR", http2: goAway(none, noError)},
	{name: "GOAWAY before the request, ENHANCE_YOUR_CALM", http2: goAway(none, enhanceYourCalm)},
	{name: "GOAWAY after the request, NO_ERROR", http2: goAway(this, noError)},
	{name: "GOAWAY after the request, INTERNAL_ERROR", http2: goAway(this, internalError)},
	{name: "GOAWAY, and silence", http2: func(conn frames, stream uint32) { conn.send(frameGoAway, 0, 0, stream, noError) }},
	{name: "RST_STREAM, REFUSED_STREAM", http2: resetStream(refusedStream)},
	{name: "RST_STREAM, INTERNAL_ERROR", http2: resetStream(internalError)},
	{name: "RST_STREAM, ENHANCE_YOUR_CALM", http2: resetStream(enhanceYourCalm)},
	{name: "RST_STREAM, HTTP_1_1_REQUIRED", http2: resetStream(http11Required)},
	{name: "RST_STREAM, FLOW_CONTROL_ERROR", http2: resetStream(flowControlError)},
	{name: "headers that are not HPACK", http2: func(conn frames, stream uint32) { conn.send(frameHeaders, 5, stream, 0xffffffff) }},
	{name: "no response", http2: func(frames, uint32) {}},
}
