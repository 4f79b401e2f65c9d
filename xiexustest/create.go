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

// creates describes what happens to create requests.
type creates struct {
	script        func(xiexus.CreateRequest) Script
	faults        faults
	storeAfter    time.Duration
	withoutStatus bool
	ids           []string
}

// OnCreate sets the script of each created task. By default the task completes after
// 20 seconds, with its video on the relay's own endpoint.
func (r *Relay) OnCreate(script func(xiexus.CreateRequest) Script) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.script = script
}

// FailCreates makes the next create requests fail, one per fault. A zero [Fault] is a
// create request that succeeds.
//
// A fault with a Status, and without HTML, Empty, Cut or Reset, is a rejection by
// the relay: no task is created. On a server built from the August 2026 source of
// New API, an error in the relay's own JSON meant that nothing was stored or
// charged, even with status 500, 502 or 504. With any other fault the task is created
// and only the response is affected; relays have no idempotency keys to prevent this.
func (r *Relay) FailCreates(faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.faults.add(faults)
}

// StoreAfter makes reads of a newly created task return not-found until d has
// passed. Relays respond to a create request before they have stored the task, so an
// immediate read may not find it.
func (r *Relay) StoreAfter(d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.storeAfter = d
}

// CreateWithoutStatus leaves the status in responses to create requests empty, as
// older releases do. By default it is "queued".
func (r *Relay) CreateWithoutStatus() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.creates.withoutStatus = true
}

// Created returns the IDs of the tasks that were created by requests, in order,
// including those whose response was lost.
func (r *Relay) Created() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.creates.ids)
}

// CreateVideoGeneration creates a task. Relays require a model and a prompt.
func (o operations) CreateVideoGeneration(ctx context.Context, req server.CreateVideoGenerationRequestObject) (server.CreateVideoGenerationResponseObject, error) {
	return o.relay.submit(ctx, *req.Body), nil
}

// submit returns the response to a create request.
func (r *Relay) submit(ctx context.Context, request xiexus.CreateRequest) response {
	switch {
	case request.Model == "":
		return errorObject(http.StatusBadRequest, "new_api_error", "Model name not specified, model name cannot be empty")
	case request.Prompt == "":
		return envelope(http.StatusBadRequest, "invalid_request", "prompt is required", nil)
	}
	fault, right := r.create(request)
	if fault.rejects() && fault.Body == "" {
		right = envelope(fault.Status, "fail_to_fetch_task", "rejected by the fake relay", nil)
		fault.Status = 0
	}
	return fault.apply(ctx, right)
}

// create creates a task unless the next fault rejects it.
func (r *Relay) create(request xiexus.CreateRequest) (Fault, response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	fault := r.creates.faults.next()
	if fault.rejects() {
		return fault, nil
	}
	script := Completes(20*time.Second, "", Stored)
	if r.creates.script != nil {
		script = r.creates.script(request)
	}
	now := time.Now()
	created := &task{id: newTaskID(), model: request.Model, script: script, added: now, stored: now.Add(r.creates.storeAfter)}
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

// newTaskID returns a random ID, like those of real relays.
func newTaskID() string { return fmt.Sprintf("task_%016x%016x", rand.Uint64(), rand.Uint64()) }
