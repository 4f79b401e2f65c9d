package relay_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReader_URLField(t *testing.T) {
	const (
		other  = "https://other.example.com/video.mp4"
		reason = "the prompt did not pass the review"
	)
	cases := []struct {
		name                               string
		status, url, resultURL, failReason string
		want                               string
	}{
		{"documented", "completed", videoURL, "", "", videoURL},
		{"stored", "SUCCESS", "", videoURL, "", videoURL},
		{"releases up to early 2026: in fail_reason", "SUCCESS", "", "", videoURL, videoURL},
		{"in both", "SUCCESS", "", videoURL, videoURL, videoURL},
		{"result_url precedes fail_reason", "SUCCESS", "", videoURL, other, videoURL},
		{"url precedes both", "completed", videoURL, other, other, videoURL},
		{"in none", "SUCCESS", "", "", "", ""},
		{"text in place of a URL does not hide another", "SUCCESS", "pending", "see fail_reason", videoURL, videoURL},
		{"fail_reason of a success may be text", "SUCCESS", "", "", reason, ""},
		{"FAILURE repeats its reason in result_url", "FAILURE", "", reason, reason, ""},
		{"FAILURE with a URL in result_url", "FAILURE", "", videoURL, "", ""},
		{"FAILURE with a URL in fail_reason", "FAILURE", "", "", videoURL, ""},
		{"failed with a url", "failed", videoURL, reason, reason, videoURL},
		{"failed with its reason in url", "failed", reason, "", "", ""},
		{"in progress with a URL", "IN_PROGRESS", "", videoURL, "", videoURL},
		{"in progress, text in result_url", "IN_PROGRESS", "", "working on it", "", ""},
		{"in progress, fail_reason is not a URL yet", "IN_PROGRESS", "", "", videoURL, ""},
		{"unknown status with a URL", "paused", "", videoURL, "", videoURL},
	}
	for _, shape := range shapes {
		for _, c := range cases {
			t.Run(shape.name+"/"+c.name, func(t *testing.T) {
				// A case without a url does not add one: the shape may have its own.
				fields := `,"status":` + strconv.Quote(c.status) + `,"result_url":` + strconv.Quote(c.resultURL) +
					`,"fail_reason":` + strconv.Quote(c.failReason)
				if c.url != "" {
					fields += `,"url":` + strconv.Quote(c.url)
				}
				require.Equal(t, c.want, readTask(t, shape.wrap(fields)).URL)
			})
		}
	}
}

func TestReader_ValidURL(t *testing.T) {
	cases := []struct {
		name, text string
		want       bool
	}{
		{"https", "https://cdn.example.com/v.mp4?sign=a%20b&t=1", true},
		{"http", "http://localhost:3000/v1/videos/t1/content", true},
		{"scheme in capitals", "HTTPS://cdn.example.com/v.mp4", true},
		{"IPv6", "http://[::1]:3000/v.mp4", true},
		{"not ASCII", "https://cdn.example.com/视频.mp4", true},
		{"data", "data:video/mp4;base64,AAAAIGZ0eXA=", true},
		{"data in capitals", "DATA:video/mp4;base64,AAAA", true},
		{"data with a charset", "data:text/plain;charset=utf-8,%20x", true},
		{"data without a media type", "data:;base64,AAAA", true},
		{"large data", "data:video/mp4;base64," + strings.Repeat("A", 1<<20), true},

		{"empty", "", false},
		{"plain reason", "upstream error", false},
		{"reason that begins with http", "http error 500 from upstream", false},
		{"reason that begins with http and a colon", "http: request timed out", false},
		{"reason that begins with a URL", "https://upstream.example.com/v1 returned 500", false},
		{"reason that ends in a URL", "Post https://upstream.example.com/v1", false},
		{"reason over two lines", "https://upstream.example.com/v1\nrefused", false},
		{"reason that begins with data", "data: field prompt is missing, try again", false},
		{"reason that begins with data, no comma", "data:invalid", false},
		{"ftp", "ftp://cdn.example.com/v.mp4", false},
		{"file", "file:///etc/passwd", false},
		{"script", "javascript:alert(1)", false},
		{"absolute path", "/v1/videos/t1/content", false},
		{"relative path", "v.mp4", false},
		{"no scheme", "//cdn.example.com/v.mp4", false},
		{"scheme alone", "https:", false},
		{"one slash", "https:/cdn.example.com/v.mp4", false},
		{"no host", "https://", false},
		{"path but no host", "https:///v.mp4", false},
		{"query but no host", "https://?v=1", false},
		{"port but no host", "http://:3000/v.mp4", false},
		{"control character", "https://cdn.example.com/\x1b[2J", false},
	}
	for _, c := range cases {
		for _, field := range []string{"url", "result_url", "fail_reason"} {
			t.Run(c.name+"/"+field, func(t *testing.T) {
				want := ""
				if c.want {
					want = c.text
				}
				text := strings.NewReplacer("\n", `\n`, "\x1b", `\u001b`).Replace(c.text)
				body := `{"task_id":"t1","status":"completed","` + field + `":"` + text + `"}`
				require.Equal(t, want, readTask(t, body).URL)
				body = `{"task_id":"t1","status":"completed","` + field + `":" ` + text + `\n"}`
				require.Equal(t, want, readTask(t, body).URL, "white space around it")
			})
		}
	}
}

// What stands in place of a URL is kept, so that it can be shown.
func TestReader_RejectedURL(t *testing.T) {
	for text, rejected := range map[string]bool{
		"ftp://cdn.example.com/v.mp4": true, "file:///etc/passwd": true, "gopher://h": true, "S3+x://bucket/v": true,
		"ftp://a b": true, "see ftp://h/a": true, "://h": true, "v.mp4": true, "pending": true,
		"": false, "https://cdn.example.com/v.mp4": false,
	} {
		for _, field := range []string{"url", "result_url", "video_url"} {
			want := ""
			if rejected {
				want = text
			}
			body := `{"task_id":"t1","status":"completed","` + field + `":` + strconv.Quote(text) + `}`
			require.Equal(t, want, readTask(t, body).RejectedURL, body)
			body = `{"task_id":"t1","status":"in_progress","` + field + `":` + strconv.Quote(text) + `}`
			require.Empty(t, readTask(t, body).RejectedURL)
		}
		require.Empty(t, readTask(t, `{"task_id":"t1","status":"completed","fail_reason":`+strconv.Quote(text)+`}`).RejectedURL, "a reason")
	}
}
