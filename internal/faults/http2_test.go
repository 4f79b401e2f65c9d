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

	flagAck        = 1
	flagEndStream  = 1
	flagEndHeaders = 4

	mostStreams = 1<<31 - 1

	noError          = 0
	internalError    = 2
	flowControlError = 3
	refusedStream    = 7
	enhanceYourCalm  = 11
	http11Required   = 13
)

// frames is a connection of HTTP/2.
type frames struct{ net.Conn }

func (f frames) send(kind, flags byte, stream uint32, words ...uint32) {
	var payload []byte
	for _, word := range words {
		payload = binary.BigEndian.AppendUint32(payload, word)
	}
	f.sendBytes(kind, flags, stream, payload)
}

func (f frames) sendBytes(kind, flags byte, stream uint32, payload []byte) {
	frame := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
	frame = binary.BigEndian.AppendUint32(append(frame, flags), stream)
	_, _ = f.Write(append(frame, payload...))
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
		hasEnded := flags&flagEndStream != 0
		switch {
		case kind != frameData && kind != frameHeaders:
		case p.fault.beforeBody && kind == frameHeaders:
			p.meetHTTP2(conn, stream, !hasEnded)
		case !p.fault.beforeBody && hasEnded:
			p.meetHTTP2(conn, stream, created[stream])
		}
	}
}

// meetHTTP2 responds to a request.
func (p *proxy) meetHTTP2(conn frames, stream uint32, hasBody bool) {
	p.countHTTP2(hasBody)
	if !p.always { // first, so that the next request is on another connection
		conn.send(frameGoAway, 0, 0, stream, noError)
	}
	p.fault.http2(conn, stream)
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

// startResponse sends the headers, and the start of the body, of a 200.
func startResponse(conn frames, stream uint32) {
	const status200 = 0x88 // an index of the static table of HPACK
	conn.sendBytes(frameHeaders, flagEndHeaders, stream, []byte{status200})
	conn.sendBytes(frameData, 0, stream, []byte(`{"task_id":"task`))
}

func none(uint32) uint32        { return 0 }
func this(stream uint32) uint32 { return stream }

var http2Faults = []fault{
	{name: "GOAWAY before the request, NO_ERROR", http2: goAway(none, noError)},
	{name: "GOAWAY before the request, ENHANCE_YOUR_CALM", http2: goAway(none, enhanceYourCalm)},
	{name: "GOAWAY after the request, NO_ERROR", http2: goAway(this, noError)},
	{name: "GOAWAY after the request, INTERNAL_ERROR", http2: goAway(this, internalError)},
	{name: "GOAWAY, and silence", http2: func(conn frames, stream uint32) { conn.send(frameGoAway, 0, 0, stream, noError) }},
	{name: "GOAWAY twice, as a server does that shuts down", http2: func(conn frames, _ uint32) {
		conn.send(frameGoAway, 0, 0, mostStreams, noError)
		conn.send(frameGoAway, 0, 0, 0, noError)
		_ = conn.Close()
	}},
	{name: "GOAWAY in the middle of a response", http2: func(conn frames, stream uint32) {
		startResponse(conn, stream)
		conn.send(frameGoAway, 0, 0, stream, noError)
		_ = conn.Close()
	}},
	{name: "RST_STREAM in the middle of a response", http2: func(conn frames, stream uint32) {
		startResponse(conn, stream)
		resetStream(noError)(conn, stream)
	}},
	{name: "silent in the middle of a response", http2: startResponse},
	{name: "RST_STREAM before the body, REFUSED_STREAM", beforeBody: true, http2: resetStream(refusedStream)},
	{name: "GOAWAY before the body, NO_ERROR", beforeBody: true, http2: goAway(none, noError)},
	{name: "RST_STREAM, REFUSED_STREAM", http2: resetStream(refusedStream)},
	{name: "RST_STREAM, INTERNAL_ERROR", http2: resetStream(internalError)},
	{name: "RST_STREAM, ENHANCE_YOUR_CALM", http2: resetStream(enhanceYourCalm)},
	{name: "RST_STREAM, HTTP_1_1_REQUIRED", http2: resetStream(http11Required)},
	{name: "RST_STREAM, FLOW_CONTROL_ERROR", http2: resetStream(flowControlError)},
	{name: "headers that are not HPACK", http2: func(conn frames, stream uint32) { conn.send(frameHeaders, 5, stream, 0xffffffff) }},
	{name: "no response", http2: func(frames, uint32) {}},
}
