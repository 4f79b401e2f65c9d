package xiexus_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// events serves what happens to a task as server-sent events, until the task ends or the
// browser leaves.
func events(client *xiexus.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		w.Header().Set("Cache-Control", "no-store")
		stream := http.NewResponseController(w)
		send := func(event string, data any) bool {
			encoded, err := json.Marshal(data) // one line
			if err == nil {
				_, err = fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, encoded)
			}
			return err == nil && stream.Flush() == nil
		}
		for task, err := range client.Watch(req.Context(), req.PathValue("id")) {
			if err != nil {
				send("failed", err.Error())
				return
			}
			if !send(string(task.Status), map[string]any{"progress": task.Progress, "url": task.URL}) {
				return
			}
		}
	}
}

// A browser follows a task through server-sent events.
func ExampleClient_Watch_serverSentEvents() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4", xiexustest.Stored))
	client, err := xiexus.New(relay.Options()...)
	if err != nil {
		fmt.Println(err)
		return
	}

	mux := http.NewServeMux()
	mux.Handle("GET /tasks/{id}/events", events(client))
	browser := httptest.NewRecorder()
	mux.ServeHTTP(browser, httptest.NewRequest(http.MethodGet, "/tasks/task_1/events", http.NoBody))
	fmt.Print(browser.Body)
	// Output:
	// event: completed
	// data: {"progress":100,"url":"https://cdn.example.com/video.mp4"}
}
