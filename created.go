package xiexus

import (
	"maps"
	"sync"
	"time"
)

// createdTasks are the tasks that a Client has submitted just now. Relays answer
// a submit before they store the task, so that a read may not find it yet. The
// zero value is none.
type createdTasks struct {
	mu sync.Mutex
	at map[string]time.Time
}

// add remembers a task for storingTime.
func (c *createdTasks) add(taskID string, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at == nil {
		c.at = map[string]time.Time{}
	}
	maps.DeleteFunc(c.at, func(_ string, then time.Time) bool { return at.Sub(then) >= storingTime })
	c.at[taskID] = at
}

// when returns when a task was submitted, zero if that is not known or long ago.
func (c *createdTasks) when(taskID string) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[taskID]
}
