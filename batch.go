package xiexus

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// verdict is what the response to a batch means.
type verdict int

const (
	batchRead    verdict = iota // it has tasks
	batchFailed                 // every task is read again later
	batchRefused                // each task is read on its own, now and from now on
	batchSplit                  // smaller batches are read instead
	batchUnclear                // each task is read on its own, now
	batchHuge                   // each task is read on its own, now and from now on; others are not
)

// smallBatch is the size of a batch whose response, if it is too large, is so because of one
// of its tasks.
const smallBatch = 3

// batchRoute is the path of the batch route. An error that names it does not pass.
const batchRoute = "/suno/fetch"

// readBatch reads tasks with one request through the batch route, which is not part of the
// OpenAPI document. It only ever saves requests: what it does not return is read through
// the documented route.
func (c *Client) readBatch(ctx context.Context, taskIDs []string) (map[string]relay.Response, error) {
	body, err := json.Marshal(gen.FetchTasksRequest{IDs: taskIDs})
	if err != nil {
		return nil, err
	}
	return send(ctx, c, func(ctx context.Context) (*http.Request, error) {
		return c.api.RequestFetchTasks(ctx, "application/json", bytes.NewReader(body))
	}, relay.Reader.ReadBatch)
}

// judgeBatch returns what the result of [Client.readBatch] means. Relays that do not have
// the batch route send errors of many kinds, or a page. Where it has worked before, a page is
// that of a gateway.
func judgeBatch(err error, hasWorked bool) verdict {
	var apiErr *APIError
	switch {
	case err == nil:
		return batchRead
	case !errors.As(err, &apiErr):
		return batchFailed
	case errors.Is(apiErr, ErrResponseTooLarge):
		return batchSplit
	case errors.Is(apiErr, ErrUnauthorized):
		return batchUnclear // whether the key is wrong is for the documented route to say
	case errors.Is(apiErr, ErrRateLimited): // even if it names the route
		return batchFailed
	case retryRead(apiErr).Retry && !strings.Contains(apiErr.Message, batchRoute):
		return batchFailed
	case hasWorked && !apiErr.response.Worded:
		return batchFailed
	}
	return batchRefused
}

// learnFromBatch adapts later batches to the result of one.
func (c *Client) learnFromBatch(ctx context.Context, size int, err error) verdict {
	verdict := judgeBatch(err, c.learned.batchesWork())
	switch {
	case verdict == batchRead, verdict == batchFailed:
		c.learned.recordBatch(verdict == batchRead)
	case verdict == batchSplit && size > smallBatch:
		c.learned.halveBatches(size)
	case verdict == batchSplit:
		return batchHuge
	case verdict == batchRefused && c.learned.refuseBatches():
		c.logger.LogAttrs(ctx, slog.LevelInfo, "the relay refuses to read many tasks with one request, reading each on its own",
			slog.Any("error", err))
	}
	return verdict
}
