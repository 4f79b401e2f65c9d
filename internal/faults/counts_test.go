package faults_test

import (
	"net/http"
	"time"
)

// largestExchange is how many bytes a request, or a connection, may make the proxy send: the
// most that is read of headers and of a body, and what is buffered. Bodies are compressed at
// worst by nothing.
const largestExchange = 2*largestHeader + maxSize + bufferedWrites*largestWrite

// counts are how many requests a proxy has received.
type counts struct {
	creates    int // create requests received in full
	reads      int // others
	rejections int
	early      int // in the pause of the fault
}

// counted returns the counts so far.
func (p *proxy) counted() counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.counts
}

// exchanges returns how many requests and connections there were.
func (p *proxy) exchanges() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return uint64(p.creates + p.reads + len(p.opened))
}

// reject begins the pause of the fault.
func (p *proxy) reject() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejections++
	p.rejected = time.Now()
}

func (p *proxy) count(req *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := time.Now(); now.After(p.rejected) && now.Before(p.rejected.Add(p.fault.pause)) {
		p.early++
	}
	if req.Method == http.MethodPost && req.URL.Path == "/v1/video/generations" {
		p.creates++
	} else {
		p.reads++
	}
}

// addFault counts a response that is not right, and returns how many came before.
func (p *proxy) addFault() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults++
	return p.faults - 1
}

// see counts, for each task, how often it is called.
func (p *proxy) see(task string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tasks == nil {
		p.tasks = map[string]int{}
	}
	p.tasks[task]++
	return p.tasks[task] - 1
}

// addSent counts bytes that are sent.
func (p *proxy) addSent(n uint64) {
	const each = 1 << 20
	after := p.sent.Add(n)
	if p.fault.sending == nil || after/each == (after-n)/each {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fault.sending()
}
