package xiexustest

import (
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// Script is what happens to a task over time. [Completes] and [Fails] return the
// usual ones.
type Script struct {
	// Dialects are used in turn, one for each response. By default it is
	// [Documented]. More than one stands for relays that switch between [Stored] and
	// [Realtime] from one read to the next, when their upstream fails for a moment.
	Dialects []Dialect
	// Steps are the states of the task, in order of time. Before the first the task
	// is queued.
	Steps []Step
	// URLs, if there are any, replace the URL of the completed task, one for each
	// read; the last remains. They stand for links that are signed again on each read.
	URLs []string
	// Ticker, if set, makes changes visible in the stored dialects only at its ticks.
	Ticker Ticker
}

// Step is the state of a task from some time on.
type Step struct {
	// At is when the state begins, counted from when the task was added.
	At time.Duration
	// Status is a status of the OpenAPI document, such as [xiexus.StatusCompleted],
	// which each dialect translates. Any other value is sent as it is, the empty one
	// too: relays report NOT_START for a new task, and UNKNOWN or nothing for one
	// whose state they do not know.
	Status gen.VideoTaskStatus
	// Progress is a percentage, which only the stored dialects report.
	Progress int
	// URL is the URL of the video, empty if the task has none. In it {id} stands for
	// the task's id and {now} for the time of the response in Unix milliseconds: a
	// URL that ends in ?since={now} expires with [Delivery.LinkTTL].
	URL string
	// Reason is why the task failed.
	Reason string
}

// Completes returns the script of a task that is queued, in progress, and after d
// completed, with its video at url. With an empty url it is on the relay's own
// route, for which see [Relay.SetContent].
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

// Fails returns the script of a task that fails after d, for a reason.
func Fails(d time.Duration, reason string, dialects ...Dialect) Script {
	return Script{Dialects: dialects, Steps: []Step{
		{Status: xiexus.StatusQueued},
		{At: d / 2, Status: xiexus.StatusInProgress, Progress: 40},
		{At: d, Status: xiexus.StatusFailed, Progress: 100, Reason: reason},
	}}
}
