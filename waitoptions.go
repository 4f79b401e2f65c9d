package xiexus

import (
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go/internal/poll"
)

// WaitOption configures [Client.Wait], [Client.Watch], [Client.WaitAll], [Client.GetAll] and
// [Client.PollAll], which report invalid options.
type WaitOption func(*waitConfig) error

const (
	defaultConcurrency = 16
	defaultBatchSize   = 100
	largestBatch       = 1000
)

type waitConfig struct {
	maxWait     time.Duration
	schedule    poll.Schedule
	concurrency int
	batchSize   int
	once        bool // read each task once
	oneStep     bool // take one step of each wait that is due
	progress    func(*Task)
}

func newWaitConfig(opts []WaitOption) (*waitConfig, error) {
	cfg := &waitConfig{maxWait: 30 * time.Minute, concurrency: defaultConcurrency, batchSize: defaultBatchSize}
	return cfg, apply(cfg, opts)
}

// WithMaxWait limits how long each wait may take. By default it is 30 minutes; zero means no
// limit other than the context's deadline. A poll that is in flight at the end may take a
// second more. Relays fail tasks that take more than 24 hours.
func WithMaxWait(d time.Duration) WaitOption {
	return func(cfg *waitConfig) error {
		cfg.maxWait = d
		return notNegative("WithMaxWait", d)
	}
}

// WithInterval sets the delay after the first poll and the maximum delay; each delay is 50%
// longer than the one before, with ±10% jitter. Both must be at least one second; zero
// selects the defaults of 2 s and 15 s. A task that this client has just created is first
// polled after the first delay. By default, or if both are zero, a wait follows the passes
// of the relay where possible; see [Client.Wait].
func WithInterval(first, longest time.Duration) WaitOption {
	return func(cfg *waitConfig) error {
		for _, d := range []time.Duration{first, longest} {
			if d != 0 && d < poll.Floor {
				return fmt.Errorf("WithInterval: delay must be at least %s, got %s", poll.Floor, d)
			}
		}
		if longest != 0 && longest < first {
			return fmt.Errorf("WithInterval: maximum delay %s is shorter than the first delay %s", longest, first)
		}
		cfg.schedule = poll.Schedule{First: first, Max: longest}
		return nil
	}
}

// WithConcurrency sets the maximum number of concurrent requests of one [Client.WaitAll],
// [Client.GetAll] or [Client.PollAll], from 1 to 10,000. By default it is 16. Each request
// reads up to [WithBatchSize] tasks. It has no effect on a single wait.
func WithConcurrency(n int) WaitOption {
	return func(cfg *waitConfig) error {
		const most = 10_000
		if n < 1 || n > most {
			return fmt.Errorf("WithConcurrency: n must be between 1 and %d, got %d", most, n)
		}
		cfg.concurrency = n
		return nil
	}
}

// WithBatchSize sets how many tasks one request may read at most, from 1 to 1000. By default
// it is 100; 1 turns batches off. Relays that run New API have a route that reads many tasks,
// which is not part of the OpenAPI document; see [Client.WaitAll]. A client halves the size
// when a response is larger than [WithMaxResponseSize] allows.
func WithBatchSize(n int) WaitOption {
	return func(cfg *waitConfig) error {
		if n < 1 || n > largestBatch {
			return fmt.Errorf("WithBatchSize: n must be between 1 and %d, got %d", largestBatch, n)
		}
		cfg.batchSize = n
		return nil
	}
}

// WithProgress calls fn with the task after each successful poll, including the last. Calls
// of one wait, [Client.WaitAll] or [Client.PollAll] are never concurrent; no poll starts before
// fn returns. By default nothing is called.
func WithProgress(fn func(*Task)) WaitOption {
	return func(cfg *waitConfig) error {
		cfg.progress = fn
		return notNil("WithProgress", fn == nil)
	}
}
