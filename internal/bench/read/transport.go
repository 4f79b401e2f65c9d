package read

import (
	"io"
	"net/http"
	"strings"
)

// memory is a transport that always returns the same body; it costs the same for
// every way. Its response stands for one of a New API relay: these headers are on
// every routed response, and the status route sends no ETag and does not compress.
type memory string

func (body memory) RoundTrip(req *http.Request) (*http.Response, error) {
	return &http.Response{
		Status:     "200 OK",
		StatusCode: http.StatusOK,
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header: http.Header{
			"Content-Type":        {"application/json"},
			"Date":                {"Sun, 22 Nov 2026 07:20:06 GMT"},
			"X-Oneapi-Request-Id": {"202611220720062293508468268d9d6PVwpAOLm"},
		},
		Body:          io.NopCloser(strings.NewReader(string(body))),
		ContentLength: int64(len(body)),
		Request:       req,
	}, nil
}

// The same completed task in each shape that relays use.
const (
	// As the OpenAPI document describes it. Relays in front of other relays use it.
	documentedBody = `{"task_id":"task_bench","status":"completed","url":"https://cdn.example.com/video.mp4","format":"mp4","metadata":{"duration":5,"fps":30,"width":1280,"height":720,"seed":20231234},"error":null}`
	// As New API reports tasks of every channel but Gemini and Vertex: its database
	// row, with the raw response of the upstream.
	storedBody = storedHead + `"fail_reason":"","result_url":"https://cdn.example.com/video.mp4",` + storedTail
	// As releases up to early 2026 do, with the URL in fail_reason.
	legacyBody = storedHead + `"fail_reason":"https://cdn.example.com/video.mp4",` + storedTail
	// As New API reports tasks of Gemini and Vertex channels.
	realtimeBody = `{"code":"success","message":"","data":{"error":null,"format":"mp4","metadata":null,"status":"succeeded","task_id":"task_bench","url":"https://cdn.example.com/video.mp4"}}`
	// As OpenAI's own API reports a video.
	openAIBody = `{"id":"task_bench","object":"video","model":"sora-2","status":"completed","progress":100,"created_at":1795330000,"completed_at":1795330090,"expires_at":1795416490,"size":"1280x720","seconds":"5","error":null}`

	storedHead = `{"code":"success","message":"","data":{"id":5,"created_at":1795330000,"updated_at":1795330090,"task_id":"task_bench","platform":"50","user_id":2,"group":"default","channel_id":1,"quota":50000,"action":"textGenerate","status":"SUCCESS",`
	storedTail = `"submit_time":1795330000,"start_time":1795330020,"finish_time":1795330090,"progress":"100%","properties":{"input":"","upstream_model_name":"kling-v1","origin_model_name":"kling-v1"},"data":{"code":0,"message":"SUCCEED","data":{"task_id":"867725306821537818","task_status":"succeed","task_result":{"videos":[{"id":"v-1","url":"https://cdn.example.com/video.mp4","duration":"5.1"}]}}}}}`
)
