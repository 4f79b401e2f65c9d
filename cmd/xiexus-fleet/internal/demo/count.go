package demo

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
)

// counts is what the results of all tasks say.
type counts struct {
	results, lost, duplicates int
	completed, failed         int
	requests                  int // to the relay
	byWorker                  map[string]int
}

// count reads all results.
func (d *Demo) count(ctx context.Context) (counts, error) {
	reader, err := d.engine.NewReader(ctx, false)
	if err != nil {
		return counts{}, err
	}
	defer reader.Close()
	var results []outcome.Result
	for {
		data, err := reader.Next(ctx)
		if errors.Is(err, engine.ErrNoResult) {
			c := countResults(d.relay.ids, results)
			c.requests = len(d.relay.Requests())
			return c, nil
		}
		if err != nil {
			return counts{}, err
		}
		result, err := outcome.Decode(data)
		if err != nil {
			return counts{}, err
		}
		results = append(results, result)
	}
}

func countResults(ids []string, results []outcome.Result) counts {
	c := counts{results: len(results), byWorker: map[string]int{}}
	seen := map[string]int{}
	for _, result := range results {
		seen[result.TaskID]++
		c.byWorker[result.Worker]++
		if result.IsDone() {
			c.completed++
		} else {
			c.failed++
		}
	}
	for _, id := range ids {
		switch n := seen[id]; n {
		case 0:
			c.lost++
		default:
			c.duplicates += n - 1
		}
	}
	return c
}

// conclude reports the counts, and returns an error if the fleet has not kept its promise.
func (d *Demo) conclude(c counts) error {
	var shares []string
	for _, name := range slices.Sorted(maps.Keys(c.byWorker)) {
		shares = append(shares, fmt.Sprintf("%s %d", name, c.byWorker[name]))
	}
	d.say("Submitted: %d. Results: %d (%s). Lost: %d. Duplicates: %d.", len(d.relay.ids), c.results, strings.Join(shares, ", "), c.lost, c.duplicates)
	d.say("Completed: %d. Failed, as the relay decided: %d. Requests to the relay: %d.", c.completed, c.failed, c.requests)
	if c.lost > 0 || c.duplicates > 0 || c.results != len(d.relay.ids) {
		return errors.New("the fleet has lost or repeated results; please report this")
	}
	d.say("Each task has exactly one result, although a worker was killed.")
	return nil
}
