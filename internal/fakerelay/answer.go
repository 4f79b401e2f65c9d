package fakerelay

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// answer sends itself. It is one of the generated server for every operation, so
// that answers outside the document can be given too.
type answer func(http.ResponseWriter) error

// VisitGetVideoGenerationResponse sends the answer.
func (a answer) VisitGetVideoGenerationResponse(w http.ResponseWriter) error { return a(w) }

// VisitCreateVideoGenerationResponse sends the answer.
func (a answer) VisitCreateVideoGenerationResponse(w http.ResponseWriter) error { return a(w) }

// VisitGetVideoContentResponse sends the answer.
func (a answer) VisitGetVideoContentResponse(w http.ResponseWriter) error { return a(w) }

// text is an answer with a body; with an empty one it has no type.
func text(status int, contentType, body string) answer {
	return func(w http.ResponseWriter) error {
		if contentType != "" {
			w.Header().Set("Content-Type", contentType)
		}
		w.WriteHeader(status)
		_, err := w.Write([]byte(body))
		return err
	}
}

// envelope is the relay's usual wrapping, of tasks and of errors.
func envelope(status int, code, message string, data any) answer {
	return jsonAnswer(status, map[string]any{"code": code, "message": message, "data": data})
}

func jsonAnswer(status int, body any) answer {
	encoded, err := json.Marshal(body)
	if err != nil { // every body is made here, of strings and numbers
		panic(err)
	}
	return text(status, "application/json; charset=utf-8", string(encoded))
}

// problem is the envelope of the relay's authentication and routing.
func problem(status int, kind, message string) answer {
	return jsonAnswer(status, map[string]any{
		"error": map[string]any{"message": message, "type": kind, "param": "", "code": ""},
	})
}

func refuseKey(w http.ResponseWriter, req *http.Request, requestID string) {
	message := "Invalid token"
	if strings.HasPrefix(req.Header.Get("Accept-Language"), "zh") {
		message = "无效的令牌"
	}
	_ = problem(http.StatusUnauthorized, "new_api_error", fmt.Sprintf("%s (request id: %s)", message, requestID))(w)
}

func invalidURL(w http.ResponseWriter, req *http.Request) {
	message := fmt.Sprintf("Invalid URL (%s %s)", req.Method, req.URL.Path)
	_ = problem(http.StatusNotFound, "invalid_request_error", message)(w)
}

// frontPage is what a relay answers outside /v1: its site, with a 200.
func frontPage(w http.ResponseWriter, _ *http.Request) { _ = htmlPage(http.StatusOK)(w) }

func htmlPage(status int) answer {
	return text(status, "text/html; charset=utf-8",
		"<!doctype html><html><head><title>fake relay</title></head><body></body></html>")
}
