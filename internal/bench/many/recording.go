package many

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"

	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

const (
	key        = "sk-bench-key-of-no-worth"
	route      = "/v1/video/generations/"
	batchRoute = "/suno/fetch"
	recordedID = "task_recorded"
)

// recording is the fake relay's responses to reads, for any tasks. Playing them back
// logs and encodes nothing, so that the client dominates what is measured. They stand
// for the same facts as the responses of the fake relay; see [xiexustest.Dialect].
type recording struct {
	header      http.Header
	task, batch template
}

// template is a body with parts that are repeated for each task, and contain its ID.
type template struct {
	start, beforeID, afterID, end []byte
}

func (t template) fill(ids []string) []byte {
	var body bytes.Buffer
	body.Write(t.start)
	for i, id := range ids {
		if i > 0 {
			body.WriteByte(',')
		}
		body.Write(t.beforeID)
		body.WriteString(id)
		body.Write(t.afterID)
	}
	body.Write(t.end)
	return body.Bytes()
}

// record reads a task from the fake relay, through either route.
func record(dialect xiexustest.Dialect, step xiexustest.Step) (recording, error) {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	defer relay.Close()
	relay.Add(recordedID, xiexustest.Script{Dialects: []xiexustest.Dialect{dialect}, Steps: []xiexustest.Step{step}})
	header, body, err := exchange(relay, http.MethodGet, route+recordedID, "")
	if err != nil {
		return recording{}, err
	}
	_, batch, err := exchange(relay, http.MethodPost, batchRoute, `{"ids":["`+recordedID+`"]}`)
	if err != nil {
		return recording{}, err
	}
	header.Del("Content-Length") // ids differ in length
	header.Del("Date")           // net/http sets its own
	start, rest, _ := bytes.Cut(batch, []byte("["))
	end := bytes.LastIndexByte(rest, ']')
	if end < 0 {
		return recording{}, fmt.Errorf("not a batch: %s", batch)
	}
	r := recording{header: header, batch: template{start: append(start, '['), end: rest[end:]}}
	r.task.beforeID, r.task.afterID, _ = bytes.Cut(body, []byte(recordedID))
	r.batch.beforeID, r.batch.afterID, _ = bytes.Cut(rest[:end], []byte(recordedID))
	return r, nil
}

// exchange returns the response of the fake relay to a read of the recorded task.
func exchange(relay *xiexustest.Relay, method, path, body string) (http.Header, []byte, error) {
	req, err := http.NewRequest(method, relay.BaseURL()+path, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := relay.HTTPClient().Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	received, err := io.ReadAll(resp.Body)
	if err == nil && (resp.StatusCode != http.StatusOK || !bytes.Contains(received, []byte(recordedID))) {
		err = fmt.Errorf("the fake relay returned %s: %s", resp.Status, received)
	}
	return resp.Header, received, err
}

// ServeHTTP plays the response back. Like real relays it checks the key.
func (r recording) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, "wrong key", http.StatusUnauthorized)
		return
	}
	body, err := r.body(req)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	maps.Copy(w.Header(), r.header)
	_, _ = w.Write(body)
}

// RoundTrip plays the response back without a network.
func (r recording) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := r.body(req)
	if err != nil {
		return nil, err
	}
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

func (r recording) body(req *http.Request) ([]byte, error) {
	if req.URL.Path != batchRoute {
		return r.task.fill([]string{strings.TrimPrefix(req.URL.Path, route)}), nil
	}
	defer func() { _ = req.Body.Close() }()
	var batch gen.FetchTasksRequest
	if err := json.NewDecoder(req.Body).Decode(&batch); err != nil {
		return nil, err
	}
	return r.batch.fill(batch.IDs), nil
}
