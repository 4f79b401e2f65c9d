package xiexus

import (
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

const (
	defaultMaxWait     = 30 * time.Minute
	defaultConcurrency = 16
)

// WaitOption configures Wait, Watch and WaitAll.
type WaitOption func(*waitConfig)

type waitConfig struct {
	maxWait     time.Duration
	schedule    poll.Schedule
	concurrency int
	submitted   bool
	progress    func(*Task)
}

func (c *Client) newWaitRule(opts []WaitOption) *waitRule {
	rule := &waitRule{client: c, waitConfig: waitConfig{maxWait: defaultMaxWait, concurrency: defaultConcurrency}}
	for _, opt := range opts {
		if opt != nil {
			opt(&rule.waitConfig)
		}
	}
	return rule
}

// WithMaxWait sets a wait's own deadline, counted for each task from when its
// wait begins. By default 30 minutes; zero or less waits for as long as the
// context allows. Relays fail unfinished tasks after 24 hours themselves.
func WithMaxWait(d time.Duration) WaitOption {
	return func(cfg *waitConfig) { cfg.maxWait = d }
}

// WithInterval sets the delay after the first question and the longest delay;
// in between it grows by half each time, with 10 % of jitter. Zero stands for
// 2 s and 15 s, and less than a second counts as a second. By default, and with
// two zeros, a wait keeps in step with the relay instead where it can: see Wait.
func WithInterval(first, longest time.Duration) WaitOption {
	return func(cfg *waitConfig) { cfg.schedule = poll.Schedule{First: first, Max: longest} }
}

// WithConcurrency sets how many requests of one WaitAll are under way at once.
// By default 16, which less than 1 stands for too. Wait and Watch have one.
func WithConcurrency(n int) WaitOption {
	return func(cfg *waitConfig) {
		if n < 1 {
			n = defaultConcurrency
		}
		cfg.concurrency = n
	}
}

// WithJustSubmitted says that the tasks were submitted just before their wait
// begins. Relays answer a submit before they store the task: for ten seconds a
// task that is not there is asked for again. By default it ends its wait at once.
func WithJustSubmitted() WaitOption {
	return func(cfg *waitConfig) { cfg.submitted = true }
}

// WithProgress calls fn with a task after each read of it, the last one too. It
// is called by one goroutine at a time, and the wait stands still until it returns.
func WithProgress(fn func(*Task)) WaitOption {
	return func(cfg *waitConfig) { cfg.progress = fn }
}
