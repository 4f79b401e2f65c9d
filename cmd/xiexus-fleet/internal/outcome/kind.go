package outcome

import "github.com/nats-io/nats.go"

// KindHeader is the header of a stored result with its kind, so that results can be counted
// without their bodies.
const KindHeader = "Xiexus-Kind"

// KindCompleted is the kind of the result of a task that is completed.
const KindCompleted = "completed"

// Kind returns the kind of the result: [KindCompleted], or that of its error.
func (r Result) Kind() string {
	if r.Error == nil {
		return KindCompleted
	}
	return r.Error.Kind
}

// Header returns the headers of the stored result.
func (r Result) Header() nats.Header { return nats.Header{KindHeader: {r.Kind()}} }
