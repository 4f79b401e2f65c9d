package xiexustest

import "net/http"

// BatchRefusal is a way in which a relay, or a gateway in front of it, refuses to read
// many tasks in one request. All of them leave the reads of single tasks alone.
type BatchRefusal string

// The refusals of batches. The first was recorded from New API; the others are what
// gateways and other relays respond to endpoints that they do not know.
const (
	// BatchForbidden is a 403 in the relay's own JSON: the key is limited to certain
	// models.
	BatchForbidden BatchRefusal = "model-limited key"
	// BatchNotFound is a 404 in the relay's own JSON, as for an unknown path under /v1.
	BatchNotFound BatchRefusal = "unknown path"
	// BatchMethodNotAllowed is a 405 in plain text.
	BatchMethodNotAllowed BatchRefusal = "method not allowed"
	// BatchPage is a 200 with an HTML page, as for an unknown path outside /v1.
	BatchPage BatchRefusal = "website"
	// BatchOtherShape is a 200 with JSON that is not a list of tasks.
	BatchOtherShape BatchRefusal = "other shape"
	// BatchUnsupported is an error whose message names the endpoint, with a status after
	// which a request is usually retried: 500.
	BatchUnsupported BatchRefusal = "unsupported endpoint"
)

// AllBatchRefusals returns all refusals of batches.
func AllBatchRefusals() []BatchRefusal {
	return []BatchRefusal{
		BatchForbidden, BatchNotFound, BatchMethodNotAllowed, BatchPage, BatchOtherShape, BatchUnsupported,
	}
}

// RefuseBatches makes the relay refuse to read many tasks in one request, until
// [Relay.AllowBatches]. By default it reads them. Faults of [Relay.FailBatches] take
// precedence.
func (r *Relay) RefuseBatches(refusal BatchRefusal) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.batches.refusal = refusal
}

// AllowBatches ends the effect of [Relay.RefuseBatches].
func (r *Relay) AllowBatches() { r.RefuseBatches("") }

// response returns the response to a batch, false if the batch is not refused.
func (b BatchRefusal) response() (refused response, found bool) {
	switch b {
	case BatchForbidden:
		return errorObject(http.StatusForbidden, "new_api_error", "This token has no access to the model"), true
	case BatchNotFound:
		return errorObject(http.StatusNotFound, "invalid_request_error", "Invalid URL (POST "+batchPath+")"), true
	case BatchMethodNotAllowed:
		return text(http.StatusMethodNotAllowed, "text/plain; charset=utf-8", "Method Not Allowed\n"), true
	case BatchPage:
		return htmlPage(http.StatusOK), true
	case BatchOtherShape:
		return jsonBody(http.StatusOK, map[string]any{"object": "list", "data": []any{map[string]any{"id": "fake-1"}}}), true
	case BatchUnsupported:
		return errorObject(http.StatusInternalServerError, "server_error", "no handler for POST "+batchPath), true
	}
	return nil, false
}
