package demo

import (
	"fmt"
	"time"

	"github.com/xiexus/xiexus-go/xiexustest"
)

// longestTask is how long the slowest task takes.
const longestTask = 12 * time.Second

// relay is the fake relay with its tasks.
type relay struct {
	*xiexustest.Relay
	ids []string
}

// startRelay starts a relay with tasks that end one after another. Every twentieth one fails.
func startRelay() *relay {
	r := &relay{Relay: xiexustest.StartRelay()}
	for i := range tasks {
		id := fmt.Sprintf("task_%03d", i+1)
		duration := longestTask * time.Duration(i+1) / tasks
		script := xiexustest.Completes(duration, "", xiexustest.Stored)
		if i%20 == 19 {
			script = xiexustest.Fails(duration, "the prompt did not pass the safety review", xiexustest.Stored)
		}
		r.Add(id, script)
		r.ids = append(r.ids, id)
	}
	return r
}
