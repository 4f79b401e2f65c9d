package fakerelay

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/gen/server"
)

// SetContent sets what the relay's own route for videos sends, for every
// completed task. By default it is Sample, without ranges, which real relays
// ignore there. A Status is answered in the relay's words.
func (r *Relay) SetContent(delivery Delivery) { r.content.set("/", delivery) }

// requestKey is of the request in the context of an operation, which is handed
// its parameters only.
type requestKey struct{}

// GetVideoContent sends the video of a completed task.
func (o operations) GetVideoContent(ctx context.Context, req server.GetVideoContentRequestObject) (server.GetVideoContentResponseObject, error) {
	o.relay.mu.Lock()
	task, known := o.relay.tasks[req.TaskID]
	known = known && !time.Now().Before(task.appears)
	var step Step
	if known {
		step = task.now(time.Now())
	}
	o.relay.mu.Unlock()
	switch {
	case !known:
		return problem(http.StatusNotFound, "invalid_request_error", "Task not found"), nil
	case step.Status != gen.VideoTaskStatusCompleted:
		message := fmt.Sprintf("Task is not completed yet, current status: %s", step.Status)
		return problem(http.StatusBadRequest, "invalid_request_error", message), nil
	}
	asked, _ := ctx.Value(requestKey{}).(*http.Request)
	delivery, cut, _ := o.relay.content.next("/", asked.URL)
	if delivery.Status != 0 {
		return problem(delivery.Status, "server_error", "Failed to fetch video content"), nil
	}
	return answer(func(w http.ResponseWriter) error {
		delivery.serve(w, asked, cut)
		return nil
	}), nil
}
