package xiexus_test

import (
	"net/http"
	"net/http/httptest"
)

// handlerTransport answers requests with a handler, without a connection.
type handlerTransport http.HandlerFunc

func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	recorder := httptest.NewRecorder()
	h(recorder, req)
	resp := recorder.Result()
	resp.Request = req
	return resp, nil
}

// roundTrip is a transport made of a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
