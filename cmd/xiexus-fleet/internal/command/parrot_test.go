package command_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/xiexus/xiexus-go/xiexustest"
)

// parrot is a relay that repeats the key of each request in the status line, in headers, in a
// trailer and in the body.
type parrot struct {
	mu      sync.Mutex
	creates int
}

// parrotTasks are the tasks of a parrot, as it reports them. In them, KEY is the key.
var parrotTasks = map[string]string{
	"task_completed": `{"task_id":"task_completed","status":"SUCCESS","result_url":"/videos/a.mp4","fail_reason":"KEY","platform":"KEY","data":{"KEY":["KEY"]}}`,
	"task_located":   `{"task_id":"task_located","status":"SUCCESS","result_url":"/videos/b.mp4?KEY"}`,
	"task_failed":    `{"task_id":"task_failed","status":"FAILURE","fail_reason":"no: KEY","result_url":"KEY"}`,
	"task_KEY":       `{"task_id":"KEY","status":"SUCCESS","result_url":"KEY"}`,
}

// parrotCreates are what a parrot responds to create requests, in turn.
var parrotCreates = []struct {
	status int
	body   string
}{
	{http.StatusOK, `{"id":"created_1","task_id":"created_1","model":"KEY","status":"KEY"}`},
	{http.StatusBadRequest, `{"error":{"message":"KEY","type":"new_api_error","code":"KEY","param":"KEY"}}`},
	{http.StatusBadGateway, `<!doctype html><title>KEY</title>KEY`},
}

func (p *parrot) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	key := strings.TrimPrefix(req.Header.Get("Authorization"), "Bearer ")
	body, _ := io.ReadAll(req.Body)
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = conn.Close() }()
	status, text := p.respond(req, body)
	contentType := "application/json; charset=" + key
	if strings.HasSuffix(req.URL.Path, ".mp4") {
		contentType = "video/mp4"
	}
	text = strings.ReplaceAll(text, "KEY", jsonEscaped(key))
	_, _ = fmt.Fprintf(conn, "HTTP/1.1 %d %s\r\nConnection: close\r\nContent-Type: %s\r\n", status, key, contentType)
	for _, name := range []string{"X-Oneapi-Request-Id", "Retry-After", "Set-Cookie", "Www-Authenticate", "X-New-Api-Version", "Content-Disposition"} {
		_, _ = fmt.Fprintf(conn, "%s: %s\r\n", name, key)
	}
	_, _ = fmt.Fprintf(conn, "Trailer: X-Trailer\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-Trailer: %s\r\n\r\n", len(text), text, key)
}

func (p *parrot) respond(req *http.Request, body []byte) (status int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case strings.HasSuffix(req.URL.Path, ".mp4"):
		video := make([]byte, xiexustest.SampleVideo().Size)
		_, _ = xiexustest.SampleVideo().ReadAt(video, 0)
		return http.StatusOK, string(video)
	case req.URL.Path == "/suno/fetch":
		return http.StatusOK, fetched(body)
	case req.Method == http.MethodPost:
		response := parrotCreates[p.creates%len(parrotCreates)]
		p.creates++
		return response.status, response.body
	}
	return http.StatusNotFound, `{"error":{"message":"KEY","type":"new_api_error","code":"KEY"}}`
}

// fetched returns the response to a batch.
func fetched(body []byte) string {
	var batch struct{ IDs []string }
	_ = json.Unmarshal(body, &batch)
	var tasks []string
	for id, task := range parrotTasks {
		if slices.Contains(batch.IDs, id) || id == "task_KEY" {
			tasks = append(tasks, task)
		}
	}
	return fmt.Sprintf(`{"code":"success","message":"KEY","data":[%s]}`, strings.Join(tasks, ","))
}

func jsonEscaped(text string) string {
	quoted, _ := json.Marshal(text)
	return strings.Trim(string(quoted), `"`)
}
