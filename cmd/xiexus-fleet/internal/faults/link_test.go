package faults_test

import (
	"context"
	"net"
	"sync"
	"time"
)

// link passes connections to a NATS server on, unless something is wrong with it.
type link struct {
	listener net.Listener
	target   string
	conns    sync.WaitGroup

	mu       sync.Mutex
	passing  *sync.Cond
	isClosed bool
	isDown   bool          // connections are closed
	isSilent bool          // nothing is passed on
	delay    time.Duration // of each packet
	chops    int           // how many more connections end in the middle
	opened   []net.Conn
}

// chopAfter is after how many bytes from the server a connection ends in the middle.
const chopAfter = 20 << 10

func newLink(target string) (*link, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{listener: listener, target: target}
	l.passing = sync.NewCond(&l.mu)
	l.conns.Go(l.acceptAll)
	return l, nil
}

func (l *link) url() string { return "nats://" + l.listener.Addr().String() }

// set changes what is wrong. A link that is down has no connections.
func (l *link) set(change func(l *link)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(l)
	if l.isDown {
		for _, conn := range l.opened {
			_ = conn.Close()
		}
		l.opened = nil
	}
	l.passing.Broadcast()
}

func (l *link) close() {
	l.set(func(l *link) { l.isDown, l.isClosed = true, true })
	_ = l.listener.Close()
	l.conns.Wait()
}

func (l *link) acceptAll() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.DialTimeout("tcp", l.target, time.Second)
		if err != nil || !l.open(near, far) {
			_ = near.Close()
			if far != nil {
				_ = far.Close()
			}
		}
	}
}

// open passes on what two connections receive, unless the link is down.
func (l *link) open(near, far net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.isDown {
		return false
	}
	most := 1 << 40
	if l.chops > 0 {
		l.chops--
		most = chopAfter
	}
	l.opened = append(l.opened, near, far)
	l.conns.Go(func() { l.pass(near, far, most) })
	l.conns.Go(func() { l.pass(far, near, 1<<40) })
	return true
}

// pass passes on at most a number of bytes, and then closes both connections.
func (l *link) pass(to, from net.Conn, most int) {
	defer func() { _, _ = to.Close(), from.Close() }()
	packet := make([]byte, 4<<10)
	for most > 0 {
		n, err := from.Read(packet)
		if err != nil || !l.wait() {
			return
		}
		n = min(n, most)
		most -= n
		if _, err := to.Write(packet[:n]); err != nil {
			return
		}
	}
}

// wait waits until the next packet may pass. It reports false if the link is closed.
func (l *link) wait() bool {
	l.mu.Lock()
	for l.isSilent && !l.isClosed {
		l.passing.Wait()
	}
	delay, isClosed := l.delay, l.isClosed
	l.mu.Unlock()
	time.Sleep(delay)
	return !isClosed
}
