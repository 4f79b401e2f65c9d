package xiexustest

import (
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// Script describes what happens to a task over time. [Completes] and [Fails] return
// common scripts.
type Script struct {
	// Dialects are used in turn, one per response. The default is [Documented]. Use
	// several to model relays that switch between [Stored] and [Realtime] from one
	// read to the next when their upstream fails briefly.
	Dialects []Dialect
	// Steps are the states of the task, in chronological order. Before the first one
	// the task is queued.
	Steps []Step
	// URLs, if any, replace the URL of the completed task, one per read; the last one
	// is then repeated. They model URLs that are signed again for each read.
	URLs []string
	// Ticker, if set, makes the stored dialects and batches report changes only after
	// the server has polled the upstream.
	Ticker Ticker
	// DataSize is the size in bytes of the upstream's raw response, which the stored
	// dialects and batches repeat. By default it is a few bytes; 3 MB has been observed.
	DataSize int
}

// Step is a state of a task and the time at which it begins.
type Step struct {
	// At is when the state begins, counted from when the task was added.
	At time.Duration
	// Status is a status of the OpenAPI document, such as [xiexus.StatusCompleted],
	// which each dialect translates. Any other value is sent as it is, even an empty
	// one: relays report NOT_START for a new task, and UNKNOWN or an empty status for
	// one whose state they do not know.
	Status gen.VideoTaskStatus
	// Progress is a percentage, which only the stored dialects report.
	Progress int
	// URL is the URL of the video, empty if the task has none. In it, {id} is replaced
	// with the task's ID and {now} with the time of the response in Unix milliseconds:
	// a URL that ends in ?since={now} expires after [Delivery.LinkTTL].
	URL string
	// Reason is why the task failed.
	Reason string
}

// stateAt returns the state after a time, counted from when the task was added.
func (s Script) stateAt(elapsed time.Duration) Step {
	state := Step{Status: xiexus.StatusQueued}
	for _, next := range s.Steps {
		if elapsed < next.At {
			break
		}
		state = next
	}
	return state
}

// differs reports whether a state is another one than before, whenever it began.
func (s Step) differs(before Step) bool {
	s.At = before.At
	return s != before
}

// ends reports whether the task has ended.
func (s Step) ends() bool {
	return s.Status == xiexus.StatusCompleted || s.Status == xiexus.StatusFailed
}

// Completes returns the script of a task that is queued, then in progress, and
// completed after d, with its video at url. If url is empty, the video is on the
// relay's own endpoint; see [Relay.SetContent].
func Completes(d time.Duration, url string, dialects ...Dialect) Script {
	return Script{Dialects: dialects, Steps: []Step{
		{Status: xiexus.StatusQueued},
		{At: d / 5, Status: xiexus.StatusInProgress, Progress: 10},
		{At: d * 2 / 5, Status: xiexus.StatusInProgress, Progress: 35},
		{At: d * 3 / 5, Status: xiexus.StatusInProgress, Progress: 60},
		{At: d * 4 / 5, Status: xiexus.StatusInProgress, Progress: 85},
		{At: d, Status: xiexus.StatusCompleted, Progress: 100, URL: url},
	}}
}

// Fails returns the script of a task that fails after d with the given reason.
func Fails(d time.Duration, reason string, dialects ...Dialect) Script {
	return Script{Dialects: dialects, Steps: []Step{
		{Status: xiexus.StatusQueued},
		{At: d / 2, Status: xiexus.StatusInProgress, Progress: 40},
		{At: d, Status: xiexus.StatusFailed, Progress: 100, Reason: reason},
	}}
}
