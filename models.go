package xiexus

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
)

// Models returns the names of the models that the key may use, in alphabetical order. They
// are of every kind: relays do not say which of them generate videos. Retries and errors
// are as for [Client.Get].
func (c *Client) Models(ctx context.Context) ([]string, error) {
	policy := c.retries(ctx, retryRead, "listing models failed, retrying")
	names, err := retry.Do(ctx, policy, func(ctx context.Context) ([]string, error) {
		return send(ctx, c, c.api.RequestListModels, relay.Reader.ReadModels)
	})
	if err != nil {
		var response *APIError
		if errors.As(err, &response) {
			response.noTask = true
		}
		return nil, fmt.Errorf("list models: %w", err)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
