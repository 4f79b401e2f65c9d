package command

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/engine"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
	"github.com/xiexus/xiexus-go/internal/requestfile"
	"github.com/xiexus/xiexus-go/internal/textfile"
)

// submitRequests puts the create requests of a file into the queue, once all of them have
// been checked.
func (a *app) submitRequests(ctx context.Context, options *submitOptions) error {
	requests, err := a.readRequests(options.requests)
	if err != nil {
		return err
	}
	e, err := a.openEngine(ctx, false)
	if err != nil {
		return err
	}
	defer e.Close()
	added := 0
	for _, request := range requests {
		isNew, err := a.submitRequest(ctx, e, request, order.Key(options.run, request))
		if errors.Is(err, context.Canceled) {
			err = interruptedError{}
		}
		if err != nil {
			return fmt.Errorf("%s, line %d: %w; the requests before it were submitted, and are not submitted twice", options.requests, request.Line, err)
		}
		if isNew {
			added++
		}
	}
	a.note("submitted %s; %d were submitted before", amount(int64(added), "create request"), len(requests)-added)
	return nil
}

// maxNamed is how many invalid lines are printed.
const maxNamed = 10

// readRequests reads and checks all requests, and prints what is wrong with them.
func (a *app) readRequests(name string) ([]requestfile.Request, error) {
	text, err := textfile.Read(name)
	if err != nil {
		return nil, usageError{fmt.Errorf("--requests: %w", err)}
	}
	requests, invalid := requestfile.Parse(text)
	for _, request := range requests {
		if err := a.checkRequest(request.Fields); err != nil {
			invalid = append(invalid, requestfile.LineError(request.Line, err))
		}
	}
	for _, err := range invalid[:min(len(invalid), maxNamed)] {
		a.printError(fmt.Errorf("%s, %w", name, err))
	}
	switch {
	case len(invalid) > 0:
		return nil, usageError{fmt.Errorf("--requests: invalid lines in %s: %d; nothing was submitted", name, len(invalid))}
	case len(requests) == 0:
		return nil, usageError{fmt.Errorf("--requests: %s has no requests", name)}
	}
	return requests, nil
}

// maxRequest is the size of the largest request in bytes: the message has more fields.
const maxRequest = engine.MaxMessage - 4<<10

func (a *app) checkRequest(fields requestfile.Fields) error {
	if err := fields.Check(); err != nil {
		return err
	}
	object, err := json.Marshal(fields)
	switch {
	case err != nil:
		return err
	case a.secret.In(object):
		return errors.New("the request contains the API key")
	case len(object) > maxRequest:
		return fmt.Errorf("the request has %d bytes, but the queue takes at most %d; give images as URLs", len(object), maxRequest)
	}
	return fields.EachImage(func(image string) (string, error) { return image, checkImage(image) })
}

// checkImage rejects the name of a file, which the machine of a worker does not have.
func checkImage(image string) error {
	for _, scheme := range []string{"http:", "https:", "data:"} {
		if len(image) > len(scheme) && strings.EqualFold(image[:len(scheme)], scheme) {
			return nil
		}
	}
	const shortest = 64 // no image in base64 is shorter, and few names of files are as long
	if _, err := base64.StdEncoding.DecodeString(image); err != nil || len(image) < shortest {
		return fmt.Errorf("the image %.40q is not a URL, a data URL or base64", image)
	}
	return nil
}

// submitRequest puts a request into the queue unless it is or was there, and prints its key.
func (a *app) submitRequest(ctx context.Context, e *engine.Engine, request requestfile.Request, key string) (isNew bool, err error) {
	isClaimed, err := hasClaim(ctx, e, key)
	if err != nil {
		return false, err
	}
	if !isClaimed {
		data, err := order.Order{Key: key, Fields: request.Fields}.Encode()
		if err != nil {
			return false, err
		}
		if isNew, err = e.PublishOnce(ctx, e.Creates, e.Subjects.Create+key, data); err != nil {
			return false, err
		}
	}
	return isNew, json.NewEncoder(a.Out).Encode(submitted{Line: request.Line, Request: key, New: isNew})
}

// submitted is what is printed about a request.
type submitted struct {
	Line    int    `json:"line"`
	Request string `json:"request"`
	New     bool   `json:"new"`
}

// hasClaim reports whether a worker has begun to send a request.
func hasClaim(ctx context.Context, e *engine.Engine, key string) (bool, error) {
	err := engine.Retry(ctx, func(ctx context.Context) error {
		_, err := e.Claims.Get(ctx, key)
		return err
	})
	if errors.Is(err, jetstream.ErrKeyNotFound) {
		return false, nil
	}
	return err == nil, err
}
