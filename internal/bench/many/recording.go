package many

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/xiexus/xiexus-go/xiexustest"
)

const (
	key        = "sk-bench-key-of-no-worth"
	route      = "/v1/video/generations/"
	recordedID = "task_recorded"
)

// recording is the fake relay's response to a read, for any task. Playing it back
// logs and encodes nothing, so that the client dominates what is measured. It stands
// for the same facts as the response of the fake relay; see [xiexustest.Dialect].
type recording struct {
	header        http.Header
	before, after []byte // the task's id in the body
}

// record reads a task from the fake relay.
func record(dialect xiexustest.Dialect, step xiexustest.Step) (recording, error) {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	defer relay.Close()
	relay.Add(recordedID, xiexustest.Script{Dialects: []xiexustest.Dialect{dialect}, Steps: []xiexustest.Step{step}})
	req, err := http.NewRequest(http.MethodGet, "http://relay.localhost"+route+recordedID, nil)
	if err != nil {
		return recording{}, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := relay.HTTPClient().Do(req)
	if err != nil {
		return recording{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return recording{}, err
	}
	before, after, found := bytes.Cut(body, []byte(recordedID))
	if !found || resp.StatusCode != http.StatusOK {
		return recording{}, fmt.Errorf("the fake relay returned %s: %s", resp.Status, body)
	}
	resp.Header.Del("Content-Length") // ids differ in length
	resp.Header.Del("Date")           // net/http sets its own
	return recording{resp.Header, before, after}, nil
}

// ServeHTTP plays the response back. Like real relays it checks the key.
func (r recording) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, "wrong key", http.StatusUnauthorized)
		return
	}
	maps.Copy(w.Header(), r.header)
	_, _ = w.Write(r.body(req))
}

// RoundTrip plays the response back without a network.
func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	body := r.body(req)
	return &http.Response{
		StatusCode:    http.StatusOK,
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        r.header.Clone(),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

func (r recording) body(req *http.Request) []byte {
	id := strings.TrimPrefix(req.URL.Path, route)
	body := make([]byte, 0, len(r.before)+len(id)+len(r.after))
	body = append(body, r.before...)
	body = append(body, id...)
	return append(body, r.after...)
}
