// Package fakerelay is a New API relay in one process: it checks the key, plays
// a script for each task, speaks every dialect that real relays do, and breaks
// on demand. Its routes are the generated server's.
package fakerelay

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go/gen/server"
)

// Relay is a fake relay. It is an http.Handler for a server of your own, and
// HTTPClient reaches it without one.
type Relay struct {
	key    string
	routes http.Handler
	memory *memoryNetwork

	mu       sync.Mutex
	tasks    map[string]*task
	seen     int // requests
	forgets  bool
	requests []Request
	submits  submits
	content  deliveries
}

// Request is a request that the relay has seen.
type Request struct {
	At     time.Time
	Method string
	Path   string // as it was sent, escaped
	Header http.Header
}

// New returns a relay without tasks, which takes one key.
func New(key string) *Relay {
	r := &Relay{key: key, tasks: map[string]*task{}}
	r.SetContent(Delivery{NoRange: true})
	strict := server.NewStrictHandlerWithOptions(operations{relay: r}, []server.StrictMiddlewareFunc{withRequest, onlyImplemented},
		server.StrictHTTPServerOptions{RequestErrorHandlerFunc: badRequest, ResponseErrorHandlerFunc: failed})
	routes := http.NewServeMux()
	server.HandlerFromMux(strict, routes)
	routes.HandleFunc("/v1/", invalidURL)
	routes.HandleFunc("/", frontPage)
	r.routes = routes
	r.memory = newMemoryNetwork(r)
	return r
}

// Add starts a task's script. A task of the same id is replaced.
func (r *Relay) Add(id string, script Script) {
	r.add(&task{id: id, script: script, added: time.Now()})
}

// AddWaiting adds a task whose script starts when it is first read.
func (r *Relay) AddWaiting(id string, script Script) {
	r.add(&task{id: id, script: script})
}

func (r *Relay) add(t *task) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tasks[t.id] = t
}

// Fail makes the next reads of a task answer with the faults, one each. A zero
// Fault stands for a read that works. An id that is not known has no reads.
func (r *Relay) Fail(id string, faults ...Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if task, known := r.tasks[id]; known {
		task.faults = append(task.faults, faults...)
	}
}

// Requests returns what the relay has been asked so far, in order.
func (r *Relay) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Forget makes the relay keep no requests, for one that serves for long.
func (r *Relay) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgets, r.requests = true, nil
}

// HTTPClient returns a client whose every connection leads to the relay, in
// memory, whatever the URL says; but see Host.
func (r *Relay) HTTPClient() *http.Client { return r.memory.client() }

// Host makes the connections of HTTPClient to a host, and its port if it has one,
// lead to another handler.
func (r *Relay) Host(host string, handler http.Handler) { r.memory.setHost(host, handler) }

// Close closes the connections of HTTPClient.
func (r *Relay) Close() { r.memory.close() }

// ServeHTTP answers like a relay.
func (r *Relay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	r.seen++
	id := fmt.Sprintf("fake-%06d", r.seen)
	if !r.forgets {
		r.requests = append(r.requests, Request{
			At: time.Now(), Method: req.Method, Path: req.URL.EscapedPath(), Header: req.Header.Clone(),
		})
	}
	r.mu.Unlock()

	w.Header().Set("X-Oneapi-Request-Id", id)
	w.Header().Set("X-New-Api-Version", "fake")
	if strings.HasPrefix(req.URL.Path, "/v1/") && req.Header.Get("Authorization") != "Bearer "+r.key {
		refuseKey(w, req, id)
		return
	}
	r.routes.ServeHTTP(w, req)
}

// operations implements the generated server interface. The embedded interface
// stands in for operations that join the document before they are written here.
type operations struct {
	server.StrictServerInterface
	relay *Relay
}

// failed is the answer where an operation has an error: the client has gone.
func failed(w http.ResponseWriter, _ *http.Request, err error) {
	http.Error(w, err.Error(), http.StatusInternalServerError)
}

// withRequest keeps the request for operations that need more of it.
func withRequest(next server.StrictHandlerFunc, _ string) server.StrictHandlerFunc {
	return func(ctx context.Context, w http.ResponseWriter, r *http.Request, parameters any) (any, error) {
		return next(context.WithValue(ctx, requestKey{}, r), w, r, parameters)
	}
}

// onlyImplemented answers 501 for the operations that operations does not have yet.
func onlyImplemented(next server.StrictHandlerFunc, operation string) server.StrictHandlerFunc {
	switch operation {
	case "GetVideoGeneration", "CreateVideoGeneration", "GetVideoContent":
		return next
	}
	return func(_ context.Context, w http.ResponseWriter, _ *http.Request, _ any) (any, error) {
		http.Error(w, "the fake relay does not know "+operation, http.StatusNotImplemented)
		return nil, nil
	}
}

// GetVideoGeneration answers with the task as its script has it now, or with a fault.
func (o operations) GetVideoGeneration(ctx context.Context, req server.GetVideoGenerationRequestObject) (server.GetVideoGenerationResponseObject, error) {
	o.relay.mu.Lock()
	task, known := o.relay.tasks[req.TaskID]
	if !known || time.Now().Before(task.appears) {
		o.relay.mu.Unlock()
		return envelope(http.StatusBadRequest, "task_not_exist", "task_not_exist", nil), nil
	}
	fault, answer := task.read(time.Now())
	o.relay.mu.Unlock()

	if err := fault.wait(ctx); err != nil {
		return nil, err
	}
	return fault.spoil(answer), nil
}
