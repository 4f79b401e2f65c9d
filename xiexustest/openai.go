package xiexustest

import (
	"encoding/json"
	"mime"
	"net/http"
	"time"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
)

// withOpenAI adds the endpoints for videos of OpenAI's API to those of the generated
// server. They create and read the same tasks in another shape.
func withOpenAI(relay *Relay, others http.Handler) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("POST /v1/videos", relay.createOpenAI)
	routes.HandleFunc("GET /v1/videos/{task_id}", relay.readOpenAI)
	routes.Handle("/", others)
	return routes
}

// createOpenAI creates a task. The OpenAI SDKs send a form; relays take JSON too.
func (r *Relay) createOpenAI(w http.ResponseWriter, req *http.Request) {
	request, err := openAIRequest(req)
	if err != nil {
		badRequest(w, req, err)
		return
	}
	if err := r.submit(req.Context(), request)(w); err != nil {
		clientGone(w, req, err)
	}
}

// maxForm is how many bytes of a form are kept in memory.
const maxForm = 1 << 20

func openAIRequest(req *http.Request) (request xiexus.CreateRequest, err error) {
	mediaType, _, _ := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if mediaType != "multipart/form-data" {
		return request, json.NewDecoder(req.Body).Decode(&request)
	}
	if err := req.ParseMultipartForm(maxForm); err != nil {
		return request, err
	}
	defer func() { _ = req.MultipartForm.RemoveAll() }()
	request = xiexus.CreateRequest{
		Model: req.PostFormValue("model"), Prompt: req.PostFormValue("prompt"),
		Seconds: req.PostFormValue("seconds"), Size: req.PostFormValue("size"),
		InputReference: req.PostFormValue("input_reference"),
	}
	if files := req.MultipartForm.File["input_reference"]; len(files) > 0 {
		request.InputReference = files[0].Filename
	}
	return request, nil
}

// readOpenAI reads a task.
func (r *Relay) readOpenAI(w http.ResponseWriter, req *http.Request) {
	id := req.PathValue("task_id")
	r.requests.setTaskIDs(req.Context(), id)
	fault, right := r.read(id, time.Now(), (*task).openAI)
	if err := fault.apply(req.Context(), right)(w); err != nil {
		clientGone(w, req, err)
	}
}

// openAI returns the task in OpenAI's shape. The relay queries the upstream of a realtime
// task for this too.
func (t *task) openAI(at time.Time, fault Fault) response {
	row := t.row(at)
	step := t.withURL(row.Step, at)
	if t.nextDialect() == Realtime {
		step = t.query(at, fault)
	}
	body := map[string]any{
		"id": t.id, "object": "video", "model": t.modelName(), "status": openAIStatus(step.Status),
		"progress": step.Progress, "created_at": t.added.Unix(),
	}
	switch {
	case step.Status == xiexus.StatusCompleted && step.URL != "":
		body["metadata"] = map[string]any{"url": step.URL}
	case step.Status == xiexus.StatusFailed:
		body["error"] = map[string]any{"code": "", "message": step.Reason}
	}
	if row.finished != nil {
		body["completed_at"] = t.unix(row.finished)
	}
	return jsonBody(http.StatusOK, body)
}

// openAIStatus returns the status itself if it is one of OpenAI's.
func openAIStatus(status gen.VideoTaskStatus) gen.VideoTaskStatus {
	if status.Valid() {
		return status
	}
	return xiexus.StatusUnknown
}
