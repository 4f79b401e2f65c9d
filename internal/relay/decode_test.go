package relay_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/relay"
)

func TestReader_Progress(t *testing.T) {
	cases := []struct {
		name, json string
		want       int // -1 is none
	}{
		{"percent in text, as stored tasks have it", `"30%"`, 30},
		{"text, done", `"100%"`, 100},
		{"text, not started", `"0%"`, 0},
		{"space before the sign", `"30 %"`, 30},
		{"text without a sign", `"30"`, 30},
		{"number", `30`, 30},
		{"number 0", `0`, 0},
		{"fraction is dropped", `45.7`, 45},
		{"fraction in text", `"45.7%"`, 45},
		{"exponent", `1e1`, 10},
		{"empty text", `""`, -1},
		{"only a sign", `"%"`, -1},
		{"word", `"abc"`, -1},
		{"negative", `-1`, -1},
		{"negative text", `"-1%"`, -1},
		{"more than 100", `150`, 100},
		{"more than 100 in text", `"150%"`, 100},
		{"more than an integer holds", `1e300`, 100},
		{"more than a float holds", `1e999`, -1},
		{"not a number", `"NaN"`, -1},
		{"infinite", `"Inf"`, -1},
		{"null", `null`, -1},
		{"boolean", `true`, -1},
		{"object", `{"percent":30}`, -1},
		{"array", `[30]`, -1},
	}
	for _, shape := range shapes {
		for _, c := range cases {
			t.Run(shape.name+"/"+c.name, func(t *testing.T) {
				task := readTask(t, shape.wrap(`,"progress":`+c.json+`,"status":"queued"`))
				require.Equal(t, gen.VideoTaskStatusQueued, task.Status, "the rest of the task")
				if c.want < 0 {
					require.Nil(t, task.Progress)
					return
				}
				require.NotNil(t, task.Progress)
				require.Equal(t, c.want, *task.Progress)
			})
		}
	}
}

func TestReader_Times(t *testing.T) {
	const second = 1795330000
	seconds, none := time.Unix(second, 0).UTC(), time.Time{}
	cases := []struct {
		name, json string
		want       time.Time
	}{
		{"seconds, as stored tasks have them", `1795330000`, seconds},
		{"0 is not yet", `0`, none},
		{"seconds in text", `"1795330000"`, seconds},
		{"fraction is dropped", `1795330000.9`, seconds},
		{"exponent", `1.79533e9`, seconds},
		{"milliseconds", `1795330000123`, time.UnixMilli(second*1000 + 123).UTC()},
		{"milliseconds in text", `"1795330000123"`, time.UnixMilli(second*1000 + 123).UTC()},
		{"largest number of seconds", `99999999999`, time.Unix(99999999999, 0).UTC()},
		{"smallest number of milliseconds", `100000000000`, time.UnixMilli(100000000000).UTC()},
		{"largest number of milliseconds", `99999999999999`, time.UnixMilli(99999999999999).UTC()},
		{"microseconds are absurd", `1795330000123456`, none},
		{"absurd", `1e300`, none},
		{"more than a float holds", `1e999`, none},
		{"negative", `-5`, none},
		{"year 1, as Go's zero time", `-62135596800`, none},
		{"date in text", `"2026-11-22T07:20:06Z"`, none},
		{"empty text", `""`, none},
		{"not a number", `"NaN"`, none},
		{"null", `null`, none},
		{"boolean", `false`, none},
		{"object", `{"seconds":1795330000}`, none},
	}
	for _, shape := range shapes {
		for _, c := range cases {
			t.Run(shape.name+"/"+c.name, func(t *testing.T) {
				task := readTask(t, shape.wrap(`,"submit_time":`+c.json+`,"start_time":`+c.json+
					`,"finish_time":`+c.json+`,"updated_at":`+c.json+`,"status":"queued"`))
				require.Equal(t, gen.VideoTaskStatusQueued, task.Status, "the rest of the task")
				require.Equal(t, c.want, task.SubmittedAt)
				require.Equal(t, c.want, task.StartedAt)
				require.Equal(t, c.want, task.FinishedAt)
				require.Equal(t, c.want, task.UpdatedAt)
			})
		}
	}
}

func TestReader_SubmittedAt(t *testing.T) {
	cases := []struct {
		name, fields string
		want         int64
	}{
		{"submit_time", `"submit_time":1795330001,"created_at":1795330000`, 1795330001},
		{"created_at where submit_time is not set", `"submit_time":0,"created_at":1795330000`, 1795330000},
		{"created_at where there is no submit_time", `"created_at":1795330000`, 1795330000},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			task := readTask(t, `{"task_id":"t1","status":"queued",`+c.fields+`}`)
			require.Equal(t, time.Unix(c.want, 0).UTC(), task.SubmittedAt)
		})
	}
}

// One field of an unexpected type must not cost the task: each of these is
// followed by the rest of a completed one.
func TestReader_FieldOfUnexpectedType(t *testing.T) {
	values := []string{`"text"`, `7`, `-1.5`, `true`, `null`, `[]`, `[{"task_id":"t2"}]`, `{}`, `{"task_id":{"code":[]}}`}
	fields := []string{
		"format", "metadata", "error", "fail_reason", "progress",
		"submit_time", "start_time", "finish_time", "created_at", "updated_at", "platform", "unknown_field",
	}
	for _, shape := range shapes {
		for _, field := range fields {
			for _, value := range values {
				t.Run(shape.name+"/"+field+"/"+value, func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"`+field+`":`+value+`,"status":"SUCCESS","result_url":"`+videoURL+`"`))
					require.Equal(t, "t1", task.TaskID)
					require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
					require.Equal(t, videoURL, task.URL)
				})
			}
		}
	}
}

func TestReader_ValuesOfUnexpectedType(t *testing.T) {
	t.Run("id is a number", func(t *testing.T) {
		response, failure := relay.Reader{MaxSize: 1 << 10}.ReadTask(newResponse(http.StatusOK, `{"task_id":7,"status":"completed","url":"`+videoURL+`"}`), "7")
		require.Nil(t, failure)
		task := response.Task
		require.Equal(t, gen.VideoTask{TaskID: "7", Status: gen.VideoTaskStatusCompleted, URL: videoURL}, task.VideoTask)
	})
	t.Run("url is an array, result_url is not", func(t *testing.T) {
		task := readTask(t, `{"task_id":"t1","status":"completed","url":["x"],"result_url":"`+videoURL+`"}`)
		require.Equal(t, videoURL, task.URL)
	})
	t.Run("metadata in text and fractions", func(t *testing.T) {
		task := readTask(t, `{"task_id":"t1","status":"completed","metadata":{"duration":"8.0","fps":30.0,"width":"1280","seed":1e3,"height":" 720.0 "}}`)
		require.Equal(t, documentedMetadata(`{"duration":8,"fps":30,"width":1280,"height":720,"seed":1000}`), task.Metadata)
	})
	t.Run("a number that does not fit its type", func(t *testing.T) {
		for _, seed := range []string{
			"82233720336854775808", "-82233720336854775808", "7.5", `"7.5"`, `"82233720336854775808"`, "1e99", "9007199254740993.0",
			`"0x10"`, `"1_0"`, `"Inf"`, `"7 s"`, `""`, "true", "null", "[7]",
		} {
			task := readTask(t, `{"task_id":"t1","status":"completed","metadata":{"fps":30,"seed":`+seed+`,"width":1280}}`)
			require.Equal(t, documentedMetadata(`{"fps":30,"width":1280}`), task.Metadata, "never another number")
		}
	})
	t.Run("data of a flat task", func(t *testing.T) {
		for _, data := range []string{`"text"`, `[1]`, `7`, `null`} {
			task := readTask(t, `{"data":`+data+`,"task_id":"t1","status":"completed"}`)
			require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
		}
	})
	t.Run("code and message of the envelope", func(t *testing.T) {
		task := readTask(t, `{"code":{"a":1},"message":7,"data":{"task_id":"t1","status":"SUCCESS"}}`)
		require.Equal(t, gen.VideoTaskStatusCompleted, task.Status)
	})
	t.Run("invalid UTF-8", func(t *testing.T) {
		task := readTask(t, "{\"task_id\":\"t1\",\"status\":\"FAILURE\",\"fail_reason\":\"a\xff\xfeb\"}")
		require.Equal(t, "a\ufffd\ufffdb", task.Error.Message)
	})
	t.Run("escapes", func(t *testing.T) {
		task := readTask(t, `{"task_id":"t1","status":"SUCCESS","result_url":"https:\/\/cdn.example.com\/video.mp4?a=1\u0026b=2"}`)
		require.Equal(t, videoURL+"?a=1&b=2", task.URL)
	})
}
