package xiexustest

import (
	"context"
	"net/http"
	"slices"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/gen/server"
)

// SetModels sets the models that the relay lists. By default there are none. Tasks may be
// created with any model.
func (r *Relay) SetModels(names ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.models = slices.Clone(names)
}

// ListModels lists the models.
func (o operations) ListModels(context.Context, server.ListModelsRequestObject) (server.ListModelsResponseObject, error) {
	o.relay.mu.Lock()
	defer o.relay.mu.Unlock()
	models := []gen.ListedModel{}
	for _, name := range o.relay.models {
		models = append(models, gen.ListedModel{ID: name, OwnedBy: "custom"})
	}
	return jsonBody(http.StatusOK, map[string]any{"data": models, "object": "list", "success": true}), nil
}
