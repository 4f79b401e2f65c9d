package command

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
)

func (a *app) submitRequests(ctx context.Context, e *engine.Engine, options *submitOptions) error {
	file, err := os.Open(options.requests)
	if err != nil {
		return usageError{err}
	}
	defer file.Close()
	keys := order.Keys{Run: options.run}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, engine.MaxMessage)
	n := 0
	for lines.Scan() {
		if len(lines.Bytes()) == 0 {
			continue
		}
		request := json.RawMessage(lines.Text())
		key, err := keys.Next(request)
		if err != nil {
			return usageError{fmt.Errorf("line %d: %w", n+1, err)}
		}
		data, err := order.Order{Key: key, Request: request}.Encode()
		if err != nil {
			return err
		}
		err = engine.Retry(ctx, func(ctx context.Context) error {
			_, err := e.JS.Publish(ctx, e.Subjects.Create, data, jetstream.WithMsgID(key))
			return err
		})
		if err != nil {
			return err
		}
		n++
	}
	a.note("submitted %d create requests", n)
	return lines.Err()
}
