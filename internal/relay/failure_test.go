package relay_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

// documentedError returns an error with a code in the type of the document, if it
// fits: then a document that changes the type changes no test.
func documentedError(code, message string) *gen.VideoTaskError {
	documented := &gen.VideoTaskError{Message: message}
	for _, form := range []string{strconv.Quote(code), code} {
		_ = json.Unmarshal([]byte(`{"code":`+form+`}`), documented)
	}
	return documented
}

// documentedMetadata returns metadata of the types of the document.
func documentedMetadata(fields string) *gen.VideoTaskMetadata {
	documented := new(gen.VideoTaskMetadata)
	_ = json.Unmarshal([]byte(fields), documented)
	return documented
}

func TestReader_FailedTask(t *testing.T) {
	const reason = "the prompt did not pass the review"
	cases := []struct {
		name, fields  string
		code, message string
	}{
		// The document's object, and what other vendors put in its place.
		{"code is an integer", `,"error":{"code":1301,"message":"blocked"}`, "1301", "blocked"},
		{"code is an integer in a string", `,"error":{"code":"1301","message":"blocked"}`, "1301", "blocked"},
		{"code is a word", `,"error":{"code":"content_policy","message":"blocked"}`, "content_policy", "blocked"},
		{"code is a fraction", `,"error":{"code":1.5,"message":"blocked"}`, "1.5", "blocked"},
		{"code is null", `,"error":{"code":null,"message":"blocked"}`, "", "blocked"},
		{"code is an object", `,"error":{"code":{"a":1},"message":"blocked"}`, "", "blocked"},
		{"no code", `,"error":{"message":"blocked"}`, "", "blocked"},
		{"no message", `,"error":{"code":7}`, "7", ""},
		{"message in a list", `,"error":{"message":["blocked"],"code":7}`, "7", "blocked"},
		{"message of another type", `,"error":{"message":true,"code":7}`, "7", ""},
		{"unknown fields", `,"error":{"message":"blocked","type":"x","details":{"code":9}}`, "", "blocked"},
		{"error is a string", `,"error":"blocked"`, "", "blocked"},
		{"error is an empty object", `,"error":{}`, "", ""},
		{"error is null", `,"error":null`, "", ""},
		{"error is an array", `,"error":["blocked"]`, "", "blocked"},
		{"no error", ``, "", ""},
		{"code beyond an integer", `,"error":{"code":99999999999999999999}`, "99999999999999999999", ""},
		{"two codes", `,"error":{"code":5,"code":"nsfw"}`, "nsfw", ""},
		{"message is a number", `,"error":{"message":5}`, "", "5"},

		// Where stored tasks have the reason.
		{"fail_reason", `,"fail_reason":"` + reason + `"`, "", reason},
		{"fail_reason repeated in result_url", `,"fail_reason":"` + reason + `","result_url":"` + reason + `"`, "", reason},
		{"result_url alone", `,"fail_reason":"","result_url":"` + reason + `"`, "", reason},
		{"reason that begins with a URL", `,"fail_reason":"https://a.example.com refused"`, "", "https://a.example.com refused"},
		{"empty reason", `,"fail_reason":"","result_url":""`, "", ""},
		{"null reason", `,"fail_reason":null,"result_url":null`, "", ""},
		{"number for a reason", `,"fail_reason":500`, "", "500"},
		{"a URL is not a reason", `,"fail_reason":"","result_url":"` + videoURL + `"`, "", ""},
		{"error precedes fail_reason", `,"error":{"code":7,"message":"blocked"},"fail_reason":"` + reason + `"`, "7", "blocked"},
		{"white space does not hide fail_reason", `,"error":{"message":" "},"fail_reason":"` + reason + `"`, "", reason},
		{"reason that is a URL", `,"fail_reason":"https://help.example.com/policy"`, "", "https://help.example.com/policy"},
		{"code of the error, message of fail_reason", `,"error":{"code":"nsfw"},"fail_reason":"` + reason + `"`, "nsfw", reason},
	}
	for _, shape := range shapes {
		for _, status := range []string{"failed", "FAILURE"} {
			for _, c := range cases {
				t.Run(shape.name+"/"+status+"/"+c.name, func(t *testing.T) {
					task := readTask(t, shape.wrap(`,"status":"`+status+`"`+c.fields))
					require.Equal(t, gen.VideoTaskStatusFailed, task.Status)
					require.Equal(t, documentedError(c.code, c.message), task.Error)
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
					task := readTask(t, shape.wrap(`,"status":"`+status+`","result_url":"`+videoURL+`"`+c.fields))
					require.Nil(t, task.Error)
					require.Empty(t, task.ErrorCode)
				})
			}
		}
	}
}
