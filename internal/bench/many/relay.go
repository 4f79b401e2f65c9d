package many

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Relay is a relay whose tasks are all in progress.
type Relay struct {
	Name string
	// handler makes it, with these tasks.
	handler func(ids []string) (http.Handler, error)
}

// FakeRelay is the fake relay.
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

// Playback is a relay that costs next to nothing itself: it repeats what the fake
// relay once said.
func Playback(dialect xiexustest.Dialect) Relay {
	return Relay{"playback, " + string(dialect), func([]string) (http.Handler, error) {
		return record(dialect, inProgress())
	}}
}

func inProgress() xiexustest.Step {
	return xiexustest.Step{Status: gen.VideoTaskStatusInProgress, Progress: 35}
}

// loopback is a relay on a real server, which counts the reads.
type loopback struct {
	*httptest.Server
	reads atomic.Int64
}

// patience is the Retry-After of its answers: whoever has read a task leaves it
// alone for longer than a measurement takes, so that each is read once.
const patience = "120"

func newLoopback(relay http.Handler) *loopback {
	l := &loopback{}
	l.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Retry-After", patience)
		relay.ServeHTTP(w, req)
		l.reads.Add(1)
	}))
	return l
}

// timeReads returns how many reads a second WaitAll makes of tasks that are all
// due at once.
func (l *loopback) timeReads(ids []string, waiting *waitAll) (float64, error) {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	l.reads.Store(0)
	start := time.Now()
	if err := waiting.begin(ids); err != nil {
		return 0, err
	}
	for l.reads.Load() < int64(len(ids)) {
		select {
		case err := <-waiting.ended:
			return 0, tooSoon(err)
		case <-tick.C:
		}
	}
	return float64(len(ids)) / time.Since(start).Seconds(), nil
}
