package relay_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

// plant returns a JSON object with a value at a path such as "data.videos[].url": a member
// with [] is a list, one with $ is JSON in a text. Each object has junk around it, which must
// not be taken for the value.
func plant(path string, planted any) map[string]any {
	name, rest, nested := strings.Cut(path, ".")
	inner := planted
	if nested {
		inner = plant(rest, planted)
	}
	name, isText := strings.CutSuffix(name, "$")
	if list, isList := strings.CutSuffix(name, "[]"); isList {
		name, inner = list, []any{inner}
	}
	if isText {
		text, _ := json.Marshal(inner)
		inner = string(text)
	}
	return map[string]any{
		"cover_url": "https://junk.example.com/cover.png", "image": "https://junk.example.com/input.png",
		"input": map[string]any{"video_url": "https://junk.example.com/input.mp4"}, "log": []any{"junk", 7, nil, true},
		"prompt": "a cat https://junk.example.com/prompt.mp4", "duration": "5.1", "quota": 50000, "platform": "50",
		name: inner,
	}
}

// stored returns a task as New API reports it, with the members of an object.
func stored(status string, members map[string]any) string {
	members["task_id"], members["status"] = "t1", status
	body, _ := json.Marshal(map[string]any{"code": "success", "message": "", "data": members})
	return string(body)
}

// flat returns a task as the OpenAPI document has it, with the members of an object.
func flat(status string, members map[string]any) string {
	members["task_id"], members["status"] = "t1", status
	body, _ := json.Marshal(members)
	return string(body)
}

// urlPaths are where relays and vendors put the URL of a video.
var urlPaths = []string{
	"url", "result_url", "fail_reason", "video_url", "videoUrl", "metadata.url", "video.url", "video", "videos[]", "videos[].url",
	"output", "output[]", "output.url", "output.video_url", "outputs[]", "data[].url", "data.url", "result.video_url", "result",
	"results[].url", "content.video_url", "task_result.videos[].url", "creations[].url", "assets.video", "file.download_url",
	"generations[].video.url", "response.generateVideoResponse.generatedSamples[].video.uri", "response.videos[].uri",
	"url[]", "url[]$", "output$", "result$.video_url", "video_url.url",
	// Below stored tasks: the raw response of the upstream.
	"data.url", "data.video_url", "data.data.task_result.videos[].url", "data.output.video_url", "data.content.video_url",
	"data.data.url", "data.data[].url", "data.data.creations[].url", "data.file.download_url", "data.video.url",
	"data.response.generateVideoResponse.generatedSamples[].video.uri", "data.data.data.task_result.videos[].url",
	"data.data.data.data.task_result.videos[].url", "data$.video_url",
}

func TestPlaces_URLOfACompletedTaskIsFound(t *testing.T) {
	for _, path := range urlPaths {
		for name, wrap := range map[string]func(string, map[string]any) string{"stored": stored, "flat": flat} {
			t.Run(name+"/"+path, func(t *testing.T) {
				task := readTask(t, wrap("SUCCESS", plant(path, videoURL)))
				require.Equal(t, videoURL, task.URL)
				require.Empty(t, task.URLs)
				require.Nil(t, task.Error)
			})
		}
	}
}

// A task that has not completed has the URL of no video yet but that of its own fields.
func TestPlaces_URLOfARunningTaskIsItsInput(t *testing.T) {
	for _, path := range urlPaths {
		if path != "url" && path != "result_url" {
			require.Empty(t, readTask(t, stored("IN_PROGRESS", plant(path, videoURL))).URL, path)
		}
	}
}

func TestPlaces_SeveralURLs(t *testing.T) {
	const second, third, own = "https://cdn.example.com/2.mp4", "https://cdn.example.com/3.mp4", "http://localhost:3000/v1/videos/t1/content"
	cases := []struct {
		name, fields string
		want         []string // nil for one video, at videoURL
	}{
		{"a list of objects", `"videos":[{"url":"` + videoURL + `"},{"url":"` + second + `"}]`, []string{videoURL, second}},
		{"a list of texts", `"output":["` + videoURL + `","` + second + `","` + third + `"]`, []string{videoURL, second, third}},
		{"of the upstream", `"result_url":"` + videoURL + `","data":{"data":{"task_result":{"videos":[{"url":"` + videoURL + `"},{"url":"` + second + `"}]}}}`, []string{videoURL, second}},
		{"the first in another place", `"url":"` + second + `","data":{"data":[{"url":"` + videoURL + `"},{"url":"` + second + `"}]}`, []string{second, videoURL}},
		{"the relay's own URL for the first", `"url":"` + own + `","videos":["` + videoURL + `","` + second + `"]`, []string{own, second}},
		{"the same video twice", `"videos":[{"url":"` + videoURL + `"},{"url":"` + videoURL + `"}]`, nil},
		{"one video in two places", `"url":"` + videoURL + `","video_url":"` + second + `"`, nil},
		{"one video in two lists", `"url":"` + videoURL + `","output":["` + second + `"]`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			task := readTask(t, `{"task_id":"t1","status":"completed",`+c.fields+`}`)
			require.Equal(t, c.want, task.URLs)
			want := videoURL
			if c.want != nil {
				want = c.want[0]
			}
			require.Equal(t, want, task.URL)
		})
	}
}

func TestPlaces_URLBesideTheTask(t *testing.T) {
	cases := []struct{ name, body, want string }{
		{"Novita", `{"task":{"task_id":"t1","status":"TASK_STATUS_SUCCEED"},"images":[],"videos":[{"video_url":"` + videoURL + `"}]}`, videoURL},
		{"in an envelope", `{"code":0,"url":"` + videoURL + `","data":{"task_id":"t1","status":"SUCCESS"}}`, videoURL},
		{"of another task", `{"data":[{"task_id":"t1","status":"SUCCESS"},{"task_id":"t2","status":"SUCCESS","url":"` + videoURL + `"}]}`, ""},
		{"of another task in another place", `{"data":{"task_id":"t1","status":"SUCCESS"},"results":[{"id":"t2","status":"done","url":"` + videoURL + `"}]}`, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			task := readTask(t, c.body)
			require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
			require.Equal(t, c.want, task.URL)
		})
	}
}

// What is beside the video, or was the input, is not taken for it.
func TestPlaces_OtherFilesAreNotTheVideo(t *testing.T) {
	const still, frame = "https://cdn.example.com/first.JPG", "https://cdn.example.com/last.png?sign=.mp4"
	for _, fields := range []string{
		`"output":["` + videoURL + `","` + still + `"]`,
		`"output":["` + still + `","` + videoURL + `"]`,
		`"url":"` + still + `","video_url":"` + videoURL + `"`,
		`"url":"` + videoURL + `","content":[{"url":"` + still + `"},{"url":"` + frame + `"}]`,
		`"metadata":{"video":"https://cdn.example.com/input.mp4"},"output":["` + videoURL + `"]`,
	} {
		task := readTask(t, `{"task_id":"t1","status":"completed",`+fields+`}`)
		require.Equal(t, videoURL, task.URL, fields)
		require.Empty(t, task.URLs, fields)
	}
	require.Equal(t, still, readTask(t, `{"task_id":"t1","status":"completed","url":"`+still+`"}`).URL, "the bytes decide")
}

// reasonPaths are where relays and vendors say why a task failed.
var reasonPaths = []string{
	"error.message", "error", "fail_reason", "fail_reason.message", "fail_reason.error.message", "fail_reason$.message",
	"fail_reason$.error.message", "failure_reason", "failure", "error_message", "error_msg", "message", "msg", "detail", "reason",
	"task_status_msg", "base_resp.status_msg", "output.message", "result_url", "raiMediaFilteredReasons[]", "error$.error.message",
	"response.raiMediaFilteredReasons[]", "response.generateVideoResponse.raiMediaFilteredReasons[]",
	"data.data.task_status_msg", "data.error.message", "data.message", "data.output.message", "data.data.error.message",
	"data.response.generateVideoResponse.raiMediaFilteredReasons[]", "data.base_resp.status_msg", "data.promptFeedback.blockReason",
	"data.data.data.data.task_status_msg",
}

func TestPlaces_ReasonIsFound(t *testing.T) {
	const reason = "Image pixel is invalid"
	for _, path := range reasonPaths {
		for name, wrap := range map[string]func(string, map[string]any) string{"stored": stored, "flat": flat} {
			t.Run(name+"/"+path, func(t *testing.T) {
				task := readTask(t, wrap("FAILURE", plant(path, reason)))
				require.Equal(t, reason, task.Error.Message)
				task = readTask(t, wrap("SUCCESS", plant(path, reason)))
				require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
				require.NotNil(t, task.Error, "of a completed task without a video")
				require.Equal(t, reason, task.Error.Message)
			})
		}
	}
}

func TestPlaces_ReasonThatSaysNothing(t *testing.T) {
	cases := []struct{ name, fields, want string }{
		{"hides one below", `"fail_reason":"task failed","data":{"error":{"message":"no faces allowed"}}`, "no faces allowed"},
		{"hides one beside", `"error":{"message":"Internal Server Error."},"fail_reason":"no faces allowed"`, "no faces allowed"},
		{"is all there is", `"fail_reason":"task failed"`, "task failed"},
		{"is a success of the upstream's envelope", `"fail_reason":"","data":{"code":0,"message":"SUCCEED","data":{"task_status_msg":""}}`, ""},
		{"is an empty object", `"fail_reason":{}`, ""},
		{"is JSON that explains nothing", `"fail_reason":"{\"foo\":1}"`, `{"foo":1}`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, readTask(t, `{"code":"success","data":{"task_id":"t1","status":"FAILURE",`+c.fields+`}}`).Error.Message)
		})
	}
}

// idPaths are where the response to a create request has the ID of the task.
var idPaths = []string{
	"task_id", "taskId", "id", "video_id", "request_id", "job_id", "data", "result", "data.task_id", "data.taskId", "data.id", "data.video_id",
	"data[].task_id", "data[].id", "output.task_id", "output.id", "result.task_id", "result.taskId", "result.id", "task.id", "task.task_id",
	"video.id", "data.task.id", "data.data.task_id", "data$.task_id", "taskID", "response.task_id", "data.output.task_id",
	"data.result.task_id", "data.job_id", "jobId", "videoId",
}

func TestPlaces_IDOfACreatedTaskIsFound(t *testing.T) {
	for _, path := range idPaths {
		for want, id := range map[string]any{"task-a": "task-a", "12345": 12345, "98765432109876543210": json.Number("98765432109876543210")} {
			for _, envelope := range []string{``, `"status":"queued",`, `"code":200,`, `"code":"success","message":"",`, `"code":1,"msg":"ok",`} {
				body, err := json.Marshal(plant(path, id))
				require.NoError(t, err)
				created := string(body[:1]) + envelope + string(body[1:])
				got, failure := relay.Reader{MaxSize: 1 << 20}.ReadCreated(newResponse(http.StatusOK, created))
				require.Nil(t, failure, created)
				require.Equal(t, want, got.Task.TaskID, created)
				require.Equal(t, gen.VideoTaskStatusQueued, got.Task.Status, created)
			}
		}
	}
}

// Nothing is found below what is too deep or too long.
func TestPlaces_SearchIsBounded(t *testing.T) {
	deep := strings.Repeat(`{"data":`, 12) + `{"url":"` + videoURL + `"}` + strings.Repeat("}", 12)
	require.Empty(t, readTask(t, `{"task_id":"t1","status":"completed","data":`+deep+`}`).URL)
	nested := `"` + videoURL + `"`
	for range 12 {
		nested = strconv.Quote(`[` + nested + `]`)
	}
	require.Empty(t, readTask(t, `{"task_id":"t1","status":"completed","url":`+nested+`}`).URL)
	urls := make([]string, 5000)
	for i := range urls {
		urls[i] = fmt.Sprintf("https://cdn.example.com/%d.mp4", i)
	}
	list, err := json.Marshal(urls)
	require.NoError(t, err)
	require.Len(t, readTask(t, `{"task_id":"t1","status":"completed","output":`+string(list)+`}`).URLs, 100)
	lists := strings.Repeat("[", 9000) + strings.Repeat("]", 9000)
	require.Empty(t, readTask(t, `{"task_id":"t1","status":"failed","fail_reason":`+lists+`,"data":`+lists+`}`).Error.Message)
}

// FuzzPlaces plants a URL, a reason and an ID in every place, with any text beside them.
func FuzzPlaces(f *testing.F) {
	f.Add(0, "cover_url", "https://junk.example.com/a.mp4")
	f.Add(3, "status_msg", "SUCCEED")
	f.Add(9, "x", "\x00{\"url\":1}")
	f.Fuzz(func(t *testing.T, index int, name, text string) {
		planted := func(paths []string, value string) map[string]any {
			members := plant(paths[uint(index)%uint(len(paths))], value)
			if name = "x_" + name; members[name] == nil {
				members[name] = text // under a name that is in no list
			}
			return members
		}
		require.Equal(t, videoURL, readTask(t, stored("SUCCESS", planted(urlPaths, videoURL))).URL)
		require.Equal(t, "blocked: a face", readTask(t, stored("FAILURE", planted(reasonPaths, "blocked: a face"))).Error.Message)
		body, err := json.Marshal(planted(idPaths, "task-a"))
		require.NoError(t, err)
		got, failure := relay.Reader{MaxSize: 1 << 20}.ReadCreated(newResponse(http.StatusOK, string(body)))
		require.Nil(t, failure)
		require.Equal(t, "task-a", got.Task.TaskID)
	})
}
