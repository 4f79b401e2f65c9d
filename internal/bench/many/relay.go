package many

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Relay is a relay with tasks in progress.
type Relay struct {
	Name    string
	handler func(ids []string) (http.Handler, error)
}

// FakeRelay is the fake relay of package xiexustest, which states the facts that it
// stands for.
func FakeRelay(dialect xiexustest.Dialect) Relay {
	return Relay{"fake relay, " + string(dialect), func(ids []string) (http.Handler, error) {
		relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
		relay.DiscardRequests()
		for _, id := range ids {
			relay.Add(id, xiexustest.Script{Dialects: []xiexustest.Dialect{dialect}, Steps: []xiexustest.Step{inProgress()}})
		}
		return relay, nil
	}}
}

// Playback is a relay that costs almost nothing itself: it repeats one response of
// the fake relay.
func Playback(dialect xiexustest.Dialect) Relay {
	return Relay{"playback, " + string(dialect), func([]string) (http.Handler, error) {
		return record(dialect, inProgress())
	}}
}

// inProgress stands for an upstream that reports the same progress for minutes, as
// most do.
func inProgress() xiexustest.Step {
	return xiexustest.Step{Status: gen.VideoTaskStatusInProgress, Progress: 35}
}

// loopback is a relay behind a real server, which counts the requests.
type loopback struct {
	*httptest.Server
	requests atomic.Int64
}

func newLoopback(relay http.Handler) *loopback {
	l := &loopback{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		relay.ServeHTTP(w, req)
		l.requests.Add(1)
	}))
	return l
}

// pollOnce sends a Retry-After with each response that is longer than a measurement
// takes: WaitAll polls each task once. It stands for a gateway in front of the relay; New
// API itself limits no reads.
func pollOnce(relay http.Handler) http.Handler {
	const retryAfter = "120"
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		relay.ServeHTTP(w, req)
	})
}

// pollRate returns how many polls per second WaitAll makes of tasks that are all due
// at once.
func (l *loopback) pollRate(ids []string, waiting *waitAll) (float64, error) {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	l.requests.Store(0)
	start := time.Now()
	if err := waiting.add(ids); err != nil {
		return 0, err
	}
	for l.requests.Load() < int64(len(ids)) {
		select {
		case err := <-waiting.ended:
			return 0, endedEarly(err)
		case <-ticker.C:
		}
	}
	return float64(len(ids)) / time.Since(start).Seconds(), nil
}
