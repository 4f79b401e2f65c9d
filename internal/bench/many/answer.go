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
	key      = "sk-bench-key-of-no-worth"
	route    = "/v1/video/generations/"
	recorded = "task_recorded"
)

// answer is the fake relay's answer to a read, for any task. Playing it back
// keeps no log and encodes nothing, so that less than the client is measured.
type answer struct {
	header        http.Header
	before, after []byte // the task's id in the body
}

// record asks the fake relay for a task once.
func record(dialect xiexustest.Dialect, step xiexustest.Step) (answer, error) {
	relay := xiexustest.StartRelay(xiexustest.WithAPIKey(key))
	defer relay.Close()
	relay.Add(recorded, xiexustest.Script{Dialects: []xiexustest.Dialect{dialect}, Steps: []xiexustest.Step{step}})
	req, err := http.NewRequest(http.MethodGet, "http://relay.localhost"+route+recorded, nil)
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := relay.HTTPClient().Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	before, after, found := bytes.Cut(body, []byte(recorded))
	if !found || resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("the fake relay said %s: %s", resp.Status, body)
	}
	resp.Header.Del("Content-Length") // ids differ in length
	resp.Header.Del("Date")           // the server's own
	return answer{resp.Header, before, after}, nil
}

// ServeHTTP plays the answer back.
func (a answer) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get("Authorization") != "Bearer "+key {
		http.Error(w, "no key", http.StatusUnauthorized)
		return
	}
	maps.Copy(w.Header(), a.header)
	_, _ = w.Write(a.body(req))
}

// RoundTrip plays the answer back without a network.
func (a answer) RoundTrip(req *http.Request) (*http.Response, error) {
	body := a.body(req)
	return &http.Response{
		StatusCode:    http.StatusOK,
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        a.header.Clone(),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

func (a answer) body(req *http.Request) []byte {
	id := strings.TrimPrefix(req.URL.Path, route)
	body := make([]byte, 0, len(a.before)+len(id)+len(a.after))
	body = append(body, a.before...)
	body = append(body, id...)
	return append(body, a.after...)
}
