package faults_test

import (
	"fmt"
	"strings"
)

const intro = `# What becomes of the work of a fleet when something goes wrong

Written by ` + "`go test ./internal/faults -update`" + ` in cmd/xiexus-fleet. Each cell is a fleet whose worker meets a fault of the
connection to the relay or of its responses: in the first column with three tasks in the queue, in the second with one
create request. The first outcome is that of a fault that happens once, the second, if it differs, that of one that happens
each time.

*Queued* means that no result is stored, that the worker has logged why, and that it ends when it is interrupted; another
worker then finishes all of the work without the fault. *Created* means that the fleet waits for the task of the create
request. Where *queued* is the only outcome, the fault cannot happen just once, or it is a Retry-After of a day, after which
no worker sends a request for two minutes. In every cell, each task has at most one result, and the relay creates at most
one task.
`

// newPage returns the page with the outcomes of cells, which are in the order of the groups.
func newPage(cells []*cell, storeCells []*storeCell) string {
	var page strings.Builder
	page.WriteString(intro)
	next := func(f fault) string {
		var outcomes []string
		for range f.repetitions() {
			if text := cells[0].text; len(outcomes) == 0 || outcomes[0] != text {
				outcomes = append(outcomes, text)
			}
			cells = cells[1:]
		}
		return strings.Join(outcomes, " / ")
	}
	for _, group := range groups {
		fmt.Fprintf(&page, "\n## %s\n\n|  | tasks | create request |\n| --- | --- | --- |\n", group.title)
		for _, f := range group.faults {
			tasks, request := next(f), next(f)
			fmt.Fprintf(&page, "| %s | %s | %s |\n", f.name, tasks, request)
		}
	}
	page.WriteString(storeIntro)
	for _, c := range storeCells {
		fmt.Fprintf(&page, "| %s | %s |\n", c.fault.name, c.text)
	}
	return page.String()
}

const storeIntro = `
## NATS servers

The worker polls tasks and waits for the responses to create requests when something happens to its NATS server, or to the
connection to it. The worker logs it, except for the slow connection. When that is over, each task gets one result, and each
create request has created one task.

|  | results |
| --- | --- |
`
