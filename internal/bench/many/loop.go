package many

import (
	"encoding/json"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/xiexus/xiexus-go/gen"
)

// loop reads tasks with net/http alone, with the concurrency of WaitAll.
type loop struct {
	client *http.Client
	server string
	use    func(body io.Reader) error
}

// discard makes the bare loop: no client that reads tasks can be faster.
func discard(body io.Reader) error {
	_, err := io.Copy(io.Discard, body)
	return err
}

// decode makes the decoding loop, which finds the status of each task, as a wait has
// to. The struct matches all shapes.
func decode(body io.Reader) error {
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	var task struct {
		gen.VideoTask
		Data gen.VideoTask `json:"data"`
	}
	return json.Unmarshal(text, &task)
}

// run reads each task once and returns the reads per second.
func (l loop) run(ids []string) (float64, error) {
	var next atomic.Int64
	var running sync.WaitGroup
	failed := make(chan error, Concurrency)
	start := time.Now()
	for range Concurrency {
		running.Go(func() {
			for i := next.Add(1); i <= int64(len(ids)); i = next.Add(1) {
				if err := l.read(ids[i-1]); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	running.Wait()
	elapsed := time.Since(start)
	select {
	case err := <-failed:
		return 0, err
	default:
		return float64(len(ids)) / elapsed.Seconds(), nil
	}
}

func (l loop) read(id string) error {
	req, err := http.NewRequest(http.MethodGet, l.server+route+id, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	resp, err := l.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return l.use(resp.Body)
}
