package order

import (
	"encoding/json"
	"fmt"
	"time"
)

// The states of a claim.
const (
	// Submitting is stored before the request is sent.
	Submitting = "submitting"
	// Created means that the relay has accepted the request.
	Created = "created"
	// Rejected means that there certainly is no task.
	Rejected = "rejected"
	// Uncertain means that there may be a task. The request is not sent again.
	Uncertain = "uncertain"
)

// Claim is what is known about a create request that a worker has begun to send.
type Claim struct {
	// State is one of the states above.
	State string `json:"state"`
	// Owner is unique to the attempt that sends the request.
	Owner string `json:"owner"`
	// Worker is the worker that sends it.
	Worker string `json:"worker"`
	// At is when the state began.
	At time.Time `json:"at"`
	// TaskID is the task that was created.
	TaskID string `json:"task_id,omitzero"`
	// Error is why there is no task.
	Error string `json:"error,omitzero"`
}

// DecodeClaim returns a claim.
func DecodeClaim(data []byte) (Claim, error) {
	var c Claim
	if err := json.Unmarshal(data, &c); err != nil {
		return Claim{}, fmt.Errorf("invalid claim: %w", err)
	}
	return c, nil
}

// Encode returns the claim in JSON.
func (c Claim) Encode() ([]byte, error) { return json.Marshal(c) }
