package xiexustest

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go/gen/server"
)

// batchPath is the endpoint that reads many tasks. It is outside /v1, and needs the
// API key nevertheless.
const batchPath = "/suno/fetch"

// maxBatch is how many IDs the database looks up in one query: it managed 30,000, but
// not 40,000, and this is SQLite's limit of variables.
const maxBatch = 32766

// batches describes what happens to requests that read many tasks.
type batches struct {
	faults  faults
	refusal BatchRefusal
}

// FailBatches makes the next requests that read many tasks fail, one per fault. A zero
// [Fault] is a request that succeeds. For responses that are too large, see
// [Script.DataSize].
func (r *Relay) FailBatches(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches.faults.add(faults)
}

// FetchTasks reads many tasks.
func (o operations) FetchTasks(ctx context.Context, req server.FetchTasksRequestObject) (server.FetchTasksResponseObject, error) {
	o.relay.requests.setTaskIDs(ctx, req.Body.IDs...)
	fault, right := o.relay.fetch(req.Body.IDs, time.Now())
	return fault.apply(ctx, right), nil
}

// fetch returns the response to a read of many tasks, and the fault that applies to it.
func (r *Relay) fetch(ids []string, at time.Time) (Fault, response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fault := r.batches.faults.next()
	if refused, found := r.batches.refusal.response(); found {
		return fault, refused
	}
	if len(ids) > maxBatch {
		return fault, envelope(http.StatusInternalServerError, "get_tasks_failed", "too many SQL variables", nil)
	}
	return fault, envelope(http.StatusOK, "success", "", r.rows(ids, at))
}

// rows returns the stored form of each task that is found, nil if there is none.
// Relays return them in the order of their database. Here it is the reverse of the
// request's, so that it is never the same.
func (r *Relay) rows(ids []string, at time.Time) []map[string]any {
	var rows []map[string]any
	seen := map[string]bool{}
	for _, id := range slices.Backward(ids) {
		task, found := r.find(id, at)
		if found && !seen[id] {
			seen[id] = true
			rows = append(rows, task.batchItem(at))
		}
	}
	return rows
}
