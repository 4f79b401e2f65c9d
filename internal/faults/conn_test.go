package faults_test

import (
	"net"
	"sync"
)

// buffered is the server's end of a pipe, with a buffer as a network has: what is written is
// delivered later, also after the end was closed.
type buffered struct {
	net.Conn
	proxy  *proxy
	writes chan []byte
	broken chan struct{} // closed when the client takes no more
	close  sync.Once
	done   sync.WaitGroup
}

const (
	bufferedWrites = 64
	largestWrite   = 4 << 10
)

func newBuffered(conn net.Conn, p *proxy) *buffered {
	b := &buffered{Conn: conn, proxy: p, writes: make(chan []byte, bufferedWrites), broken: make(chan struct{})}
	b.done.Go(b.deliver)
	return b
}

// deliver writes what is buffered, and then closes the pipe.
func (b *buffered) deliver() {
	defer func() { _ = b.Conn.Close() }()
	defer close(b.broken)
	for data := range b.writes {
		if _, err := b.Conn.Write(data); err != nil {
			return
		}
	}
}

func (b *buffered) Write(data []byte) (int, error) {
	for rest := data; len(rest) > 0; {
		next := rest[:min(len(rest), largestWrite)]
		rest = rest[len(next):]
		select {
		case b.writes <- append([]byte(nil), next...):
			b.proxy.addSent(uint64(len(next)))
		case <-b.broken:
			return 0, net.ErrClosed
		}
	}
	return len(data), nil
}

// Close closes the pipe when everything is delivered.
func (b *buffered) Close() error {
	b.close.Do(func() { close(b.writes) })
	b.done.Wait()
	return nil
}
