package relay_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

func TestReader_FailedTask(t *testing.T) {
	const reason = "the prompt did not pass the review"
	cases := []struct {
		name, fields string
		want         gen.VideoTaskError
		code         string
	}{
		// The document's object, and what other vendors put in its place.
		{"code is an integer", `,"error":{"code":1301,"message":"blocked"}`, gen.VideoTaskError{Code: 1301, Message: "blocked"}, "1301"},
		{"code is an integer in a string", `,"error":{"code":"1301","message":"blocked"}`, gen.VideoTaskError{Code: 1301, Message: "blocked"}, "1301"},
		{"code is a word", `,"error":{"code":"content_policy","message":"blocked"}`, gen.VideoTaskError{Message: "blocked"}, "content_policy"},
		{"code is a fraction", `,"error":{"code":1.5,"message":"blocked"}`, gen.VideoTaskError{Message: "blocked"}, "1.5"},
		{"code is null", `,"error":{"code":null,"message":"blocked"}`, gen.VideoTaskError{Message: "blocked"}, ""},
		{"code is an object", `,"error":{"code":{"a":1},"message":"blocked"}`, gen.VideoTaskError{Message: "blocked"}, ""},
		{"no code", `,"error":{"message":"blocked"}`, gen.VideoTaskError{Message: "blocked"}, ""},
		{"no message", `,"error":{"code":7}`, gen.VideoTaskError{Code: 7}, "7"},
		{"message of another type", `,"error":{"message":[1],"code":7}`, gen.VideoTaskError{Code: 7}, "7"},
		{"unknown fields", `,"error":{"message":"blocked","type":"x","details":{"code":9}}`, gen.VideoTaskError{Message: "blocked"}, ""},
		{"error is a string", `,"error":"blocked"`, gen.VideoTaskError{Message: "blocked"}, ""},
		{"error is an empty object", `,"error":{}`, gen.VideoTaskError{}, ""},
		{"error is null", `,"error":null`, gen.VideoTaskError{}, ""},
		{"error is an array", `,"error":["blocked"]`, gen.VideoTaskError{}, ""},
		{"no error", ``, gen.VideoTaskError{}, ""},
		{"code beyond an integer", `,"error":{"code":99999999999999999999}`, gen.VideoTaskError{}, "99999999999999999999"},
		{"two codes", `,"error":{"code":5,"code":"nsfw"}`, gen.VideoTaskError{}, "nsfw"},
		{"message is a number", `,"error":{"message":5}`, gen.VideoTaskError{Message: "5"}, ""},

		// Where stored tasks have the reason.
		{"fail_reason", `,"fail_reason":"` + reason + `"`, gen.VideoTaskError{Message: reason}, ""},
		{"fail_reason repeated in result_url", `,"fail_reason":"` + reason + `","result_url":"` + reason + `"`, gen.VideoTaskError{Message: reason}, ""},
		{"result_url alone", `,"fail_reason":"","result_url":"` + reason + `"`, gen.VideoTaskError{Message: reason}, ""},
		{"reason that begins with a URL", `,"fail_reason":"https://a.example.com refused"`, gen.VideoTaskError{Message: "https://a.example.com refused"}, ""},
		{"empty reason", `,"fail_reason":"","result_url":""`, gen.VideoTaskError{}, ""},
		{"null reason", `,"fail_reason":null,"result_url":null`, gen.VideoTaskError{}, ""},
		{"number for a reason", `,"fail_reason":500`, gen.VideoTaskError{Message: "500"}, ""},
		{"a URL is not a reason", `,"fail_reason":"","result_url":"` + videoURL + `"`, gen.VideoTaskError{}, ""},
		{"error precedes fail_reason", `,"error":{"code":7,"message":"blocked"},"fail_reason":"` + reason + `"`, gen.VideoTaskError{Code: 7, Message: "blocked"}, "7"},
		{"white space does not hide fail_reason", `,"error":{"message":" "},"fail_reason":"` + reason + `"`, gen.VideoTaskError{Message: reason}, ""},
		{"reason that is a URL", `,"fail_reason":"https://help.example.com/policy"`, gen.VideoTaskError{Message: "https://help.example.com/policy"}, ""},
		{"code of the error, message of fail_reason", `,"error":{"code":"nsfw"},"fail_reason":"` + reason + `"`, gen.VideoTaskError{Message: reason}, "nsfw"},
	}
	for _, shape := range shapes {
		for _, status := range []string{"failed", "FAILURE"} {
			for _, c := range cases {
				t.Run(shape.name+"/"+status+"/"+c.name, func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"status":"`+status+`"`+c.fields))
					require.Equal(t, gen.VideoTaskStatusFailed, task.Status)
					require.Equal(t, &c.want, task.Error)
					require.Equal(t, c.code, task.ErrorCode)
					require.Empty(t, task.URL)
				})
			}
		}
	}
}

// Only a failed task has an error, even if another has the fields of one.
func TestReader_NoErrorUnlessFailed(t *testing.T) {
	cases := []struct{ name, fields string }{
		{"object", `,"error":{"code":1,"message":"no"}`},
		{"empty object", `,"error":{}`},
		{"string", `,"error":"no"`},
		{"null", `,"error":null`},
		{"fail_reason", `,"fail_reason":"no"`},
	}
	for _, shape := range shapes {
		for _, status := range []string{"queued", "IN_PROGRESS", "succeeded", "UNKNOWN", ""} {
			for _, c := range cases {
				t.Run(shape.name+"/"+status+"/"+c.name, func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"status":"`+status+`"`+c.fields))
					require.Nil(t, task.Error)
					require.Empty(t, task.ErrorCode)
				})
			}
		}
	}
}
