package xiexustest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// response sends itself. It implements the generated response interface of every
// operation, because relays send many responses that the OpenAPI document does not
// describe.
type response func(http.ResponseWriter) error

// VisitGetVideoGenerationResponse sends the response.
func (r response) VisitGetVideoGenerationResponse(w http.ResponseWriter) error { return r(w) }

// VisitFetchTasksResponse sends the response.
func (r response) VisitFetchTasksResponse(w http.ResponseWriter) error { return r(w) }

// VisitCreateVideoGenerationResponse sends the response.
func (r response) VisitCreateVideoGenerationResponse(w http.ResponseWriter) error { return r(w) }

// VisitGetVideoContentResponse sends the response.
func (r response) VisitGetVideoContentResponse(w http.ResponseWriter) error { return r(w) }

// VisitListModelsResponse sends the response.
func (r response) VisitListModelsResponse(w http.ResponseWriter) error { return r(w) }

// text is a response with a body. An empty content type is not sent.
func text(status int, contentType, body string) response {
	return func(w http.ResponseWriter) error {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, err := w.Write([]byte(body))
		return err
	}
}

func jsonBody(status int, body any) response {
	return func(w http.ResponseWriter) error {
		encoded, err := json.Marshal(body)
		if err != nil {
			return err
		}
		return text(status, "application/json; charset=utf-8", string(encoded))(w)
	}
}

// envelope wraps tasks and most errors: relays use the same object for both.
func envelope(status int, code, message string, data any) response {
	return jsonBody(status, map[string]any{"code": code, "message": message, "data": data})
}

// errorObject is the other form of errors: those of authentication, of routing and
// of the endpoint for videos.
func errorObject(status int, kind, message string) response {
	return jsonBody(status, map[string]any{
		"error": map[string]any{"message": message, "type": kind, "param": "", "code": ""},
	})
}

func htmlPage(status int) response {
	return text(status, "text/html; charset=utf-8",
		"<!doctype html><html><head><title>fake relay</title></head><body></body></html>")
}

// unauthorized repeats the request ID in the message, in the language of
// Accept-Language, as relays do.
func unauthorized(w http.ResponseWriter, req *http.Request, requestID string) {
	message := "Invalid token"
	if strings.HasPrefix(req.Header.Get("Accept-Language"), "zh") {
		message = "无效的令牌"
	}
	_ = errorObject(http.StatusUnauthorized, "new_api_error", fmt.Sprintf("%s (request id: %s)", message, requestID))(w)
}

// badRequest is the response to a body that is not JSON.
func badRequest(w http.ResponseWriter, _ *http.Request, err error) {
	_ = errorObject(http.StatusBadRequest, "new_api_error", "invalid JSON: "+err.Error())(w)
}

// invalidURL is the response to unknown paths below /v1.
func invalidURL(w http.ResponseWriter, req *http.Request) {
	message := fmt.Sprintf("Invalid URL (%s %s)", req.Method, req.URL.Path)
	_ = errorObject(http.StatusNotFound, "invalid_request_error", message)(w)
}

// frontPage is the response outside /v1: a relay serves its website there, so a wrong
// base URL gets a 200.
func frontPage(w http.ResponseWriter, _ *http.Request) { _ = htmlPage(http.StatusOK)(w) }
