package many

import (
	"context"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// MeasureEnding has WaitAll wait for tasks of the fake relay on loopback. Half of them
// are completed at their first poll, the others at their second.
func MeasureEnding(ctx context.Context, tasks int, opts ...xiexus.WaitOption) (Cost, error) {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	defer relay.Close()
	relay.DiscardRequests()
	for i := range tasks {
		relay.AddOnFirstRead(newID(i), ending(i%2 == 0))
	}
	server := newLoopback(relay)
	defer server.Close()
	transport := &http.Transport{MaxIdleConnsPerHost: Concurrency}
	defer transport.CloseIdleConnections()
	client, sent, err := newClient(server.URL, transport)
	if err != nil {
		return Cost{}, err
	}
	return measure(client.WaitAll(ctx, generate(tasks), opts...), tasks, sent)
}

// ending returns the script of a task that has ended at its first or its second poll.
func ending(atFirst bool) xiexustest.Script {
	steps := []xiexustest.Step{completed()}
	if !atFirst {
		later := completed()
		later.At = time.Millisecond
		steps = []xiexustest.Step{inProgress(), later}
	}
	return xiexustest.Script{Dialects: []xiexustest.Dialect{xiexustest.Stored}, Steps: steps}
}
