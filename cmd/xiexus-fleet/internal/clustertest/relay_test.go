//go:build unix

package clustertest

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xiexus/xiexus-go/xiexustest"
)

// relay is a fake relay on loopback that counts requests, and sends every twentieth of them
// a fault.
type relay struct {
	*httptest.Server
	requests atomic.Int64
}

// startRelay starts a relay with tasks that take up to longest. Every twentieth one fails.
func startRelay(t *testing.T, tasks int, longest time.Duration) *relay {
	fake := xiexustest.NewRelay(t)
	fake.DiscardRequests()
	passes := xiexustest.Ticker{Interval: 15 * time.Second, First: 15 * time.Second}
	random := rand.New(rand.NewPCG(1, 2)) // the same tasks for all relays
	for i := range tasks {
		takes := 5*time.Second + time.Duration(random.Int64N(int64(longest-5*time.Second)))
		script := xiexustest.Completes(takes, "https://cdn.example.com/{id}.mp4", xiexustest.Stored)
		if i%20 == 0 {
			script = xiexustest.Fails(takes, "the prompt did not pass the safety review", xiexustest.Stored)
		}
		script.Ticker = passes
		fake.Add(taskID(i), script)
	}
	r := &relay{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if n := r.requests.Add(1); n%20 == 0 {
			sendFault(w, n/20)
			return
		}
		fake.ServeHTTP(w, req)
	}))
	t.Cleanup(r.Close)
	return r
}

func taskID(i int) string { return fmt.Sprintf("task_%05d", i) }

// sendFault sends one of the responses after which a poll is repeated. A page is not among
// them: it means that the relay has no route for many tasks.
func sendFault(w http.ResponseWriter, n int64) {
	switch n % 4 {
	case 0:
		w.WriteHeader(http.StatusBadGateway)
	case 1:
		w.WriteHeader(http.StatusServiceUnavailable)
	case 2:
		w.WriteHeader(http.StatusTooManyRequests)
	case 3:
		panic(http.ErrAbortHandler) // closes the connection
	}
}
