package xiexustest

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/gen/server"
)

// SetContent sets how the relay's own endpoint, /v1/videos/{id}/content, delivers the
// video of every completed task. By default it sends [SampleVideo] and ignores range
// requests, as New API does. With a Status, it sends an error in the relay's own JSON.
func (r *Relay) SetContent(delivery Delivery) { r.content.set("/", delivery) }

// GetVideoContent sends the video of a completed task.
func (o operations) GetVideoContent(ctx context.Context, req server.GetVideoContentRequestObject) (server.GetVideoContentResponseObject, error) {
	status, found := o.relay.status(req.TaskID, time.Now())
	switch {
	case !found:
		return errorObject(http.StatusNotFound, "invalid_request_error", "Task not found"), nil
	case status != xiexus.StatusCompleted:
		message := fmt.Sprintf("Task is not completed yet, current status: %s", status)
		return errorObject(http.StatusBadRequest, "invalid_request_error", message), nil
	}
	httpRequest, _ := ctx.Value(requestKey{}).(*http.Request)
	delivery, cut, _ := o.relay.content.next("/", httpRequest.URL)
	if delivery.Status != 0 {
		return errorObject(delivery.Status, "server_error", "Failed to fetch video content"), nil
	}
	return response(func(w http.ResponseWriter) error {
		delivery.serve(w, httpRequest, cut)
		return nil
	}), nil
}

// status returns the status of a task, false if reads do not find it.
func (r *Relay) status(id string, at time.Time) (status gen.VideoTaskStatus, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	task, found := r.find(id, at)
	if !found {
		return "", false
	}
	return task.stepAt(at).Status, true
}
