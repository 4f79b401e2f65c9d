package xiexustest

import (
	"context"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go/gen/server"
)

// newRoutes returns the endpoints of the generated server, and for all other paths
// the responses of relays.
func newRoutes(relay *Relay) http.Handler {
	strict := server.NewStrictHandlerWithOptions(operations{relay: relay},
		[]server.StrictMiddlewareFunc{withRequest, onlyImplemented},
		server.StrictHTTPServerOptions{RequestErrorHandlerFunc: badRequest, ResponseErrorHandlerFunc: clientGone})
	routes := http.NewServeMux()
	server.HandlerFromMux(strict, routes)
	routes.HandleFunc("/v1/", invalidURL)
	routes.HandleFunc("/", frontPage)
	return withOpenAI(relay, routes)
}

// operations implements the generated server interface. The embedded interface
// provides the operations that are added to the OpenAPI document before they are
// implemented here.
type operations struct {
	server.StrictServerInterface
	relay *Relay
}

// onlyImplemented responds with 501 to the operations that only the embedded
// interface has.
func onlyImplemented(next server.StrictHandlerFunc, operation string) server.StrictHandlerFunc {
	switch operation {
	case "GetVideoGeneration", "FetchTasks", "CreateVideoGeneration", "GetVideoContent", "ListModels":
		return next
	}
	return func(_ context.Context, w http.ResponseWriter, _ *http.Request, _ any) (any, error) {
		http.Error(w, "the fake relay does not implement "+operation, http.StatusNotImplemented)
		return nil, nil
	}
}

// requestKey is the context key of an operation's HTTP request.
type requestKey struct{}

// withRequest passes the HTTP request to operations that need more of it than its
// parameters.
func withRequest(next server.StrictHandlerFunc, _ string) server.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, req *http.Request, parameters any) (any, error) {
		return next(context.WithValue(ctx, requestKey{}, req), w, req, parameters)
	}
}

// clientGone handles the errors of operations: the client closed the connection
// during a delay or a response, so there is nobody to respond to.
func clientGone(http.ResponseWriter, *http.Request, error) {}

// GetVideoGeneration reads a task.
func (o operations) GetVideoGeneration(ctx context.Context, req server.GetVideoGenerationRequestObject) (server.GetVideoGenerationResponseObject, error) {
	o.relay.requests.setTaskIDs(ctx, req.TaskID)
	fault, right := o.relay.read(req.TaskID, time.Now(), (*task).respond)
	return fault.apply(ctx, right), nil
}

// read returns the response to a read of a task in some shape, and the fault that applies
// to it.
func (r *Relay) read(id string, at time.Time, shape func(*task, time.Time, Fault) response) (Fault, response) {
	r.mu.Lock()
	defer r.mu.Unlock()
	task, found := r.find(id, at)
	if !found {
		return Fault{}, envelope(http.StatusBadRequest, "task_not_exist", "task_not_exist", nil)
	}
	task.visit(at)
	fault := task.faults.next()
	return fault, shape(task, at, fault)
}

// find returns a task if the relay has stored it already.
func (r *Relay) find(id string, at time.Time) (*task, bool) {
	task, found := r.tasks[id]
	return task, found && !at.Before(task.stored)
}
