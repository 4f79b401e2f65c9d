package many

import (
	"context"
	"iter"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// Method is [xiexus.Client.WaitAll] or [xiexus.Client.GetAll].
type Method func(*xiexus.Client, context.Context, iter.Seq[string], ...xiexus.WaitOption) iter.Seq[xiexus.Outcome]

// MeasureCompleted reads tasks that are completed and whose ids are generated, over a
// transport in memory, with the options of a method. It stands for a New API relay whose tasks are stored.
func MeasureCompleted(ctx context.Context, method Method, tasks int, opts ...xiexus.WaitOption) (Cost, error) {
	playback, err := record(xiexustest.Stored, completed())
	if err != nil {
		return Cost{}, err
	}
	client, sent, err := newClient("https://relay.example.com", playback)
	if err != nil {
		return Cost{}, err
	}
	return measure(method(client, ctx, generate(tasks), opts...), tasks, sent)
}

func completed() xiexustest.Step {
	return xiexustest.Step{Status: gen.VideoTaskStatusCompleted, Progress: 100, URL: "https://cdn.example.com/video.mp4"}
}

func generate(n int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range n {
			if !yield(newID(i)) {
				return
			}
		}
	}
}
