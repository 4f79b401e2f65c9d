package xiexustest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen/server"
)

// creates is what happens to requests that create a task.
type creates struct {
	script        func(xiexus.CreateRequest) Script
	faults        []Fault
	storeAfter    time.Duration
	withoutStatus bool
	ids           []string
}

// OnCreate sets the script of each created task. By default it completes after 20
// seconds, with its video on the relay's own route.
func (r *Relay) OnCreate(script func(xiexus.CreateRequest) Script) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.script = script
}

// FailCreates makes the next creates fail, one for each fault. A zero [Fault] stands
// for a create that works.
//
// A fault with a Status, and without HTML, Empty, Cut or Reset, is a rejection by
// the relay: no task is created. This is how relays were measured to behave, with
// any status, 500 and 502 included: an error in their own JSON means that nothing
// was stored or charged. With any other fault the task is created and only the
// response is lost; relays have no idempotency key that would prevent this.
func (r *Relay) FailCreates(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.faults = append(r.creates.faults, faults...)
}

// StoreAfter makes created tasks unknown to reads for a duration. Relays respond to
// a create before they have stored the task, so a read right after it may find
// nothing.
func (r *Relay) StoreAfter(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.storeAfter = d
}

// CreateWithoutStatus leaves the status in responses to creates empty, as older
// releases do. By default it is "queued".
func (r *Relay) CreateWithoutStatus() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.withoutStatus = true
}

// Created returns the ids of the tasks that were created by requests, in order,
// including those whose response was lost.
func (r *Relay) Created() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.creates.ids)
}

// CreateVideoGeneration creates a task. Relays require a model and a prompt.
func (o operations) CreateVideoGeneration(ctx context.Context, req server.CreateVideoGenerationRequestObject) (server.CreateVideoGenerationResponseObject, error) {
	switch {
	case req.Body.Model == "":
		return errorObject(http.StatusBadRequest, "new_api_error", "Model name not specified, model name cannot be empty"), nil
	case req.Body.Prompt == "":
		return envelope(http.StatusBadRequest, "invalid_request", "prompt is required", nil), nil
	}
	fault, right := o.relay.create(*req.Body)
	if err := sleep(ctx, fault.Delay); err != nil {
		return nil, err
	}
	if fault.rejects() && fault.Body == "" {
		right = envelope(fault.Status, "fail_to_fetch_task", "rejected by the fake relay", nil)
		fault.Status = 0
	}
	return fault.apply(right), nil
}

// create creates a task unless the next fault rejects it.
func (r *Relay) create(request xiexus.CreateRequest) (Fault, response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var fault Fault
	if faults := r.creates.faults; len(faults) > 0 {
		fault, r.creates.faults = faults[0], faults[1:]
	}
	if fault.rejects() {
		return fault, nil
	}
	script := Completes(20*time.Second, "", Stored)
	if r.creates.script != nil {
		script = r.creates.script(request)
	}
	now := time.Now()
	created := &task{id: newTaskID(), script: script, added: now, stored: now.Add(r.creates.storeAfter)}
	r.tasks[created.id] = created
	r.creates.ids = append(r.creates.ids, created.id)
	status := xiexus.StatusQueued
	if r.creates.withoutStatus {
		status = ""
	}
	return fault, jsonBody(http.StatusOK, map[string]any{
		"id": created.id, "task_id": created.id, "object": "video", "model": request.Model,
		"status": status, "progress": 0, "created_at": now.Unix(),
	})
}

// newTaskID returns an id that is random, as those of real relays are.
func newTaskID() string { return fmt.Sprintf("task_%016x%016x", rand.Uint64(), rand.Uint64()) }
