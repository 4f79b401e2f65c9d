package fakerelay

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/gen/server"
)

// submits is what becomes of submits.
type submits struct {
	script   func(gen.CreateVideoRequest) Script
	faults   []Fault
	stores   time.Duration
	wordless bool
	taken    []string
}

// OnCreate sets what script a submitted task plays. By default it completes after
// 20 seconds, with its video on the relay's own route.
func (r *Relay) OnCreate(script func(gen.CreateVideoRequest) Script) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.submits.script = script
}

// FailSubmits makes the next submits answer with the faults, one each. A zero
// Fault stands for a submit that works. A Fault with no more than a Status is the
// relay's no; any other loses the answer to a task that is taken.
func (r *Relay) FailSubmits(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.submits.faults = append(r.submits.faults, faults...)
}

// StoresAfter makes a submitted task unknown to reads for some time, as it is on
// real relays.
func (r *Relay) StoresAfter(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.submits.stores = d
}

// SubmitWithoutStatus leaves the status of answers to submits empty, as older
// releases do.
func (r *Relay) SubmitWithoutStatus() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.submits.wordless = true
}

// Taken returns the ids of the tasks that were submitted, in order.
func (r *Relay) Taken() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.submits.taken...)
}

// CreateVideoGeneration takes a task, or answers with a fault.
func (o operations) CreateVideoGeneration(ctx context.Context, req server.CreateVideoGenerationRequestObject) (server.CreateVideoGenerationResponseObject, error) {
	switch {
	case req.Body.Model == "":
		return problem(http.StatusBadRequest, "new_api_error", "Model name not specified, model name cannot be empty"), nil
	case req.Body.Prompt == "":
		return envelope(http.StatusBadRequest, "invalid_request", "prompt is required", nil), nil
	}
	fault, right := o.relay.submit(*req.Body)
	if err := fault.wait(ctx); err != nil {
		return nil, err
	}
	if fault.refuses() && fault.Body == "" {
		right = envelope(fault.Status, "fail_to_fetch_task", "the fake relay is told to refuse", nil)
		fault.Status = 0
	}
	return fault.spoil(right), nil
}

// badRequest is the answer to a submit that is not JSON.
func badRequest(w http.ResponseWriter, _ *http.Request, err error) {
	_ = problem(http.StatusBadRequest, "new_api_error", "invalid JSON: "+err.Error())(w)
}

// submit takes a task, unless the next fault is the relay's no.
func (r *Relay) submit(request gen.CreateVideoRequest) (Fault, answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fault Fault
	if faults := r.submits.faults; len(faults) > 0 {
		fault, r.submits.faults = faults[0], faults[1:]
	}
	if fault.refuses() {
		return fault, nil
	}
	script := Completes(20*time.Second, "", Stored)
	if r.submits.script != nil {
		script = r.submits.script(request)
	}
	now := time.Now()
	taken := &task{id: newID(), script: script, added: now, appears: now.Add(r.submits.stores)}
	r.tasks[taken.id] = taken
	r.submits.taken = append(r.submits.taken, taken.id)
	status := string(gen.VideoTaskStatusQueued)
	if r.submits.wordless {
		status = ""
	}
	return fault, jsonAnswer(http.StatusOK, map[string]any{
		"id": taken.id, "task_id": taken.id, "object": "video", "model": request.Model,
		"status": status, "progress": 0, "created_at": now.Unix(),
	})
}

// newID is as random as those of real relays.
func newID() string { return fmt.Sprintf("task_%016x%016x", rand.Uint64(), rand.Uint64()) }
