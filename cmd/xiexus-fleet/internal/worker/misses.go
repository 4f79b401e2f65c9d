package worker

import (
	"errors"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go"
)

const (
	// mostMisses is how many create requests in a row may fail for a reason that is not about
	// one request, until the worker pauses: each of them is decided, and not sent again.
	mostMisses = 3
	// missPause is how long the worker then sends none.
	missPause = time.Minute
)

// misses counts such errors in a row. The zero value is ready to use.
type misses struct {
	mu     sync.Mutex
	inRow  int
	resume time.Time
}

// add takes the error of a create request, and reports whether a pause begins.
func (m *misses) add(err error, now time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !isMiss(err) {
		m.inRow = 0
		return false
	}
	m.inRow++
	if m.inRow < mostMisses || now.Before(m.resume) {
		return false
	}
	m.resume = now.Add(missPause)
	return true
}

// pause returns how long no create request may be sent.
func (m *misses) pause(now time.Time) time.Duration {
	m.mu.Lock()
	defer m.mu.Unlock()
	return max(m.resume.Sub(now), 0)
}

// isMiss reports whether the next create request will probably fail like this one.
func isMiss(err error) bool {
	return errors.As(err, new(*xiexus.CreateUncertainError)) || errors.Is(err, xiexus.ErrForbidden) || errors.Is(err, xiexus.ErrQuotaExceeded)
}
