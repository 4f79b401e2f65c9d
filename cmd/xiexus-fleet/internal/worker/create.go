package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/outcome"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"golang.org/x/sync/errgroup"
)

const (
	// createTake is how many create requests a worker takes together. Their tasks are in one
	// shard.
	createTake = 32
	// createGrace is how long a worker that is told to stop waits for responses to create
	// requests: without one, it is not known whether there is a task.
	createGrace = 30 * time.Second
	// firstPoll is the age at which a new task is worth a poll: as in the library, for tasks
	// that a client has created itself.
	firstPoll = 22500 * time.Millisecond
)

func (w *Worker) createLoop(ctx context.Context) {
	w.loop(ctx, w.engine.CreateQueue, createTake, w.create)
}

// create sends some create requests, and lets the fleet wait for the tasks together.
func (w *Worker) create(ctx context.Context, messages []jetstream.Msg) {
	defer w.engine.Heartbeat(messages...)()
	storeCtx, cancel := outliving(ctx, createGrace+storeGrace)
	defer cancel()
	var group errgroup.Group
	group.SetLimit(w.perRound())
	created := newBatch(time.Now())
	for _, message := range messages {
		group.Go(func() error {
			w.createOne(ctx, storeCtx, message, created)
			return nil
		})
	}
	_ = group.Wait()
	w.await(storeCtx, created)
}

// batch is some created tasks.
type batch struct {
	mu       sync.Mutex
	shard    shard.Shard
	messages []jetstream.Msg
}

func newBatch(now time.Time) *batch {
	b := &batch{shard: shard.New()}
	b.shard.FirstAt = now.Add(firstPoll).UTC()
	b.shard.Requests = map[string]string{}
	return b
}

func (b *batch) add(message jetstream.Msg, key, taskID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.messages = append(b.messages, message)
	b.shard.TaskIDs = append(b.shard.TaskIDs, taskID)
	b.shard.Requests[taskID] = key
}

// await stores the created tasks as a shard, and only then deletes their create requests: if
// that is interrupted, another worker finds the tasks in the claims.
func (w *Worker) await(ctx context.Context, created *batch) {
	if len(created.messages) == 0 {
		return
	}
	if err := w.enqueue(ctx, created.shard); err != nil {
		w.Logger.Error("cannot store created tasks; another worker tries again", "error", err)
		return
	}
	for _, message := range created.messages {
		if err := w.ack(ctx, message); err != nil {
			w.Logger.Warn("cannot acknowledge a create request", "error", err)
		}
	}
}

// createOne sends one create request, unless it was sent before.
func (w *Worker) createOne(ctx, storeCtx context.Context, message jetstream.Msg, created *batch) {
	o, err := order.Decode(message.Data())
	if err != nil {
		w.refuse(message, err)
		return
	}
	if pause := w.misses.pause(time.Now()); pause > 0 || ctx.Err() != nil {
		w.handBack(message, pause)
		return
	}
	claim, err := w.claim(storeCtx, o.Key)
	switch {
	case err != nil:
		w.Logger.Warn("cannot claim a create request yet", "request", o.Key, "error", err)
		w.handBack(message, time.Second)
	case claim.isMine:
		w.send(ctx, storeCtx, message, o, claim, created)
	default:
		w.resume(storeCtx, message, o.Key, claim, created)
	}
}

// send sends a request that this worker has claimed.
func (w *Worker) send(ctx, storeCtx context.Context, message jetstream.Msg, o order.Order, claim *claim, created *batch) {
	task, err := w.sendOnce(ctx, o)
	if w.misses.add(err, time.Now()) {
		w.Logger.Warn("create requests fail in a row; pausing them", "pause", missPause, "error", err)
	}
	delay, again := retryLater(err)
	switch {
	case again:
		if ctx.Err() == nil {
			w.Logger.Warn("the relay does not accept a create request yet", "request", o.Key, "error", err)
			w.obey(storeCtx, requestedPause(err))
		}
		w.unclaim(storeCtx, o.Key, claim)
		w.handBack(message, delay)
		if errors.Is(err, xiexus.ErrUnauthorized) {
			w.fail(err)
		}
		return
	case err == nil:
		claim.State, claim.TaskID = order.Created, task.TaskID
		w.stats.created.Add(1)
	case errors.As(err, new(*xiexus.CreateUncertainError)):
		claim.State, claim.Error = order.Uncertain, err.Error()
	default:
		claim.State, claim.Error = order.Rejected, err.Error()
	}
	if err := w.storeClaim(storeCtx, o.Key, claim); err != nil { // the task, if there is one, is waited for all the same
		w.Logger.Error("cannot store what became of a create request", "request", o.Key, "state", claim.State, "task", claim.TaskID, "error", err)
	}
	w.conclude(storeCtx, message, o.Key, claim, created, requestError(claim, err))
}

// requestError describes why there is no task, or perhaps none.
func requestError(claim *claim, err error) *outcome.Error {
	failure := outcome.NewError(err)
	switch {
	case failure == nil || failure.Kind != outcome.KindOther:
	case claim.State == order.Uncertain:
		failure.Kind = outcome.KindUncertain
	default:
		failure.Kind = outcome.KindRejected
	}
	return failure
}

func (w *Worker) sendOnce(ctx context.Context, o order.Order) (*xiexus.Task, error) {
	request, err := o.Fields.Request()
	if err != nil {
		return nil, err
	}
	sendCtx, cancel := outliving(ctx, createGrace)
	defer cancel()
	sendCtx, cancelTimeout := context.WithTimeout(sendCtx, createTime)
	defer cancelTimeout()
	return w.client.Create(sendCtx, request)
}

// retryLater reports whether a request was provably not accepted for a reason that may pass,
// and after which delay to send it again.
func retryLater(err error) (time.Duration, bool) {
	const soon = 10 * time.Second
	switch {
	case err == nil, errors.As(err, new(*xiexus.CreateUncertainError)), errors.Is(err, xiexus.ErrModelUnavailable):
		return 0, false
	case errors.Is(err, xiexus.ErrUnauthorized), errors.Is(err, context.Canceled):
		return 0, true
	case errors.Is(err, xiexus.ErrRateLimited), errors.Is(err, xiexus.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		return max(soon, requestedPause(err)), true
	}
	return 0, false
}

// resume goes on where another worker, or an earlier attempt, has stopped.
func (w *Worker) resume(ctx context.Context, message jetstream.Msg, key string, claim *claim, created *batch) {
	if claim.State == order.Submitting {
		if age := time.Since(claim.At); age < claimTime+createTime {
			w.handBack(message, min(claimTime+createTime-age, shard.LongestDelay)) // it may be on its way
			return
		}
		claim.State = order.Uncertain
		claim.Error = fmt.Sprintf("worker %q ended while it sent the request: the task may have been created and charged; check the relay's task list before submitting it again", claim.Worker)
		if err := w.storeClaim(ctx, key, claim); err != nil {
			w.Logger.Warn("cannot mark a create request as uncertain yet", "request", key, "error", err)
			w.handBack(message, time.Second)
			return
		}
	}
	w.conclude(ctx, message, key, claim, created, requestError(claim, errors.New(claim.Error)))
}

// conclude lets the fleet wait for the task that was created, or stores the result of a
// request without one.
func (w *Worker) conclude(ctx context.Context, message jetstream.Msg, key string, claim *claim, created *batch, failure *outcome.Error) {
	if claim.State == order.Created {
		created.add(message, key, claim.TaskID)
		return
	}
	result := outcome.Result{Request: key, Error: failure, RecordedAt: time.Now().UTC(), Worker: w.Name}
	if err := w.publish(ctx, []outcome.Result{result}); err != nil {
		w.Logger.Warn("cannot store the result of a create request yet", "request", key, "error", err)
		w.handBack(message, time.Second)
		return
	}
	if err := w.ack(ctx, message); err != nil {
		w.Logger.Warn("cannot acknowledge a create request", "request", key, "error", err)
	}
}
