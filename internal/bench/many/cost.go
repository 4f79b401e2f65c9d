package many

import (
	"fmt"
	"iter"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go"
)

// Cost is what it costs until WaitAll or GetAll has yielded all tasks.
type Cost struct {
	Requests   int64
	Time       time.Duration
	Peak       uint64 // bytes of heap at most, including the ids and garbage
	Goroutines int    // at most, including the caller's, but not net/http's
}

// counter counts the requests of a client.
type counter struct {
	http.RoundTripper
	requests atomic.Int64
}

// RoundTrip sends a request.
func (c *counter) RoundTrip(req *http.Request) (*http.Response, error) {
	c.requests.Add(1)
	return c.RoundTripper.RoundTrip(req)
}

// newClient returns a client of a relay whose requests are counted.
func newClient(baseURL string, transport http.RoundTripper) (*xiexus.Client, *counter, error) {
	sent := &counter{RoundTripper: transport}
	client, err := xiexus.New(xiexus.WithAPIKey(key), xiexus.WithBaseURL(baseURL),
		xiexus.WithHTTPClient(&http.Client{Transport: sent}))
	return client, sent, err
}

// measure takes the outcomes of all tasks, none of which may have an error.
func measure(outcomes iter.Seq[xiexus.Outcome], tasks int, sent *counter) (Cost, error) {
	before := collectedHeap()
	stopWatching := watch()
	start := time.Now()
	n, err := drain(outcomes)
	elapsed := time.Since(start)
	peak, goroutines := stopWatching()
	switch {
	case err != nil:
		return Cost{}, err
	case n != tasks:
		return Cost{}, fmt.Errorf("%d of %d tasks were yielded", n, tasks)
	}
	return Cost{sent.requests.Load(), elapsed, peak - min(before, peak), goroutines}, nil
}

// drain counts outcomes, up to the first with an error.
func drain(outcomes iter.Seq[xiexus.Outcome]) (n int, err error) {
	for outcome := range outcomes {
		if outcome.Err != nil {
			return n, outcome.Err
		}
		n++
	}
	return n, nil
}
