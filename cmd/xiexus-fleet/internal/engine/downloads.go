package engine

import (
	"context"

	"github.com/nats-io/nats.go/jetstream"
)

// maxDownloads is how many results may be in the hands of processes that download.
const maxDownloads = 10_000

// Downloads returns the queue of the results of tasks, from the first one on, for a group of
// processes that share them. It is created if it does not exist.
func (e *Engine) Downloads(ctx context.Context, group string) (jetstream.Consumer, error) {
	var queue jetstream.Consumer
	err := Retry(ctx, func(ctx context.Context) error {
		o := &opener{js: e.JS}
		queue = o.consumer(ctx, e.Results, jetstream.ConsumerConfig{
			Durable: "download-" + group, FilterSubject: e.Subjects.Result + "task.>", DeliverPolicy: jetstream.DeliverAllPolicy,
			AckPolicy: jetstream.AckExplicitPolicy, AckWait: e.ackWait, MaxDeliver: -1, MaxAckPending: maxDownloads, MaxWaiting: 512,
		})
		return o.err
	})
	return queue, err
}
