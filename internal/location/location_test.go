package location

import (
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, rawURL string
		url, data    string
	}{
		{"empty", "", "", ""},
		{"blanks", " \n", "", ""},
		{"the relay's endpoint", "https://relay.example.com/v1/videos/task_1/content", "", ""},
		{"the endpoint on a wrong host", "http://localhost:3000/v1/videos/task_1/content", "", ""},
		{"the endpoint below a path", "https://h.example.com/relay/v1/videos/task_1/content?x=1", "", ""},
		{"the endpoint, escaped", "https://h.example.com/v1/videos/task%5F1/content", "", ""},
		{"the path of the endpoint", "/v1/videos/task_1/content", "", ""},
		{"the endpoint without a scheme", "localhost:3000/v1/videos/task_1/content", "", ""},
		{"the endpoint of an artifact", "http://localhost:3000/v1/tasks/task_1/artifacts/video/content?access=a%2Bb", "", ""},
		{"the path of the endpoint of an artifact", "/v1/tasks/task_1/artifacts/video/content?access=a%2Bb", "", ""},
		{"the endpoint of an artifact of another task", "http://h/v1/tasks/task_2/artifacts/video/content", "http://h/v1/tasks/task_2/artifacts/video/content", ""},
		{"a longer path", "http://h/v1/tasks/task_1/artifacts/a/b/content", "http://h/v1/tasks/task_1/artifacts/a/b/content", ""},
		{"a path upwards", "http://h/v1/tasks/task_1/artifacts/../content", "http://h/v1/tasks/task_1/artifacts/../content", ""},
		{"the endpoint with a slash", "http://localhost:3000/v1/videos/task_1/content/", "", ""},
		{"the endpoint of another task", "http://localhost:3000/v1/videos/task_2/content", "http://localhost:3000/v1/videos/task_2/content", ""},
		{"a CDN", " https://cdn.example.com/a.mp4?sig=b%2Bc ", "https://cdn.example.com/a.mp4?sig=b%2Bc", ""},
		{"upper case", "HTTP://cdn.example.com/a.mp4", "http://cdn.example.com/a.mp4", ""},
		{"data", "DATA:video/mp4;base64,AAAA", "", "DATA:video/mp4;base64,AAAA"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.rawURL, "task_1")
			require.NoError(t, err)
			require.Equal(t, test.data, got.Data)
			if test.url == "" {
				require.Nil(t, got.URL)
				return
			}
			require.Equal(t, test.url, got.URL.String())
		})
	}
}

func TestParse_KeepsTheQueryOfEndpoints(t *testing.T) {
	for rawURL, want := range map[string]Location{
		"http://localhost:3000/v1/tasks/task_1/artifacts/video/content?access=a%2Bb": {Artifact: "video", Query: "access=a%2Bb"},
		"localhost:3000/v1/tasks/task_1/artifacts/video/content?access=x://y":        {Artifact: "video", Query: "access=x://y"},
		"/relay/v1/tasks/task_1/artifacts/thumb/content":                             {Artifact: "thumb"},
		"http://localhost:3000/v1/videos/task_1/content?variant=1":                   {Query: "variant=1"},
	} {
		got, err := Parse(rawURL, "task_1")
		require.NoError(t, err)
		require.Equal(t, want, got, rawURL)
	}
}

func TestParse_RejectsURLs(t *testing.T) {
	for _, rawURL := range []string{
		"ftp://h/a", "file:///etc/passwd", "gopher://h", "javascript:alert(1)", "//h/a", "a.mp4", "http://", "http:///a", "http://[::1",
		"http://h/%zz", "http:a", "data", "ftp://h/v1/videos/task_1/content", "/v1/videos/task_2/content",
	} {
		_, err := Parse(rawURL, "task_1")
		require.Error(t, err, rawURL)
	}
	_, err := Parse("http://h/%zz?signature=secret", "task_1")
	require.NotContains(t, err.Error(), "secret")
}

func TestPrintable_HidesWhatGivesAccess(t *testing.T) {
	u, err := url.Parse("https://user:pass@cdn.example.com/a%2Fb.mp4?Signature=secret#x")
	require.NoError(t, err)
	require.Equal(t, "https://cdn.example.com/a%2Fb.mp4", Printable(u))
}

func FuzzParse(f *testing.F) {
	for _, rawURL := range []string{"", "https://h/a", "data:,", "ftp://h", "localhost:3000/v1/videos/task/content", "http://[::1"} {
		f.Add(rawURL)
	}
	f.Fuzz(func(t *testing.T, rawURL string) {
		got, err := Parse(rawURL, "task")
		switch {
		case err != nil:
			require.Zero(t, got)
		case got.URL != nil:
			require.Contains(t, []string{"http", "https"}, got.URL.Scheme)
			require.NotEmpty(t, got.URL.Host)
		case got.Data != "":
			_, _ = OpenData(got.Data) // never panics
		}
	})
}
