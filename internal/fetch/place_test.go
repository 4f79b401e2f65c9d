package fetch

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestLocate(t *testing.T) {
	tests := []struct {
		name, address string
		kind          Kind
		url           string
	}{
		{"no address", "", Content, ""},
		{"blanks", " \n", Content, ""},
		{"the relay's route", "https://relay.example.com/v1/videos/task_1/content", Content, ""},
		{"the route at a wrong host", "http://localhost:3000/v1/videos/task_1/content", Content, ""},
		{"the route below a path", "https://h.example.com/relay/v1/videos/task_1/content?x=1", Content, ""},
		{"the route, escaped", "https://h.example.com/v1/videos/task%5F1/content", Content, ""},
		{"the route alone", "/v1/videos/task_1/content", Content, ""},
		{"the route without a scheme", "localhost:3000/v1/videos/task_1/content", Content, ""},
		{"the route with a slash", "http://localhost:3000/v1/videos/task_1/content/", Content, ""},
		{"the route of another task", "http://localhost:3000/v1/videos/task_2/content", Remote, "http://localhost:3000/v1/videos/task_2/content"},
		{"a CDN", " https://cdn.example.com/a.mp4?sig=b%2Bc ", Remote, "https://cdn.example.com/a.mp4?sig=b%2Bc"},
		{"capitals", "HTTP://cdn.example.com/a.mp4", Remote, "http://cdn.example.com/a.mp4"},
		{"data", "DATA:video/mp4;base64,AAAA", Inline, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			place, err := Locate(test.address, "task_1")
			require.NoError(t, err)
			require.Equal(t, test.kind, place.Kind)
			if test.url != "" {
				require.Equal(t, test.url, place.URL.String())
			}
		})
	}
	for _, address := range []string{
		"ftp://h/a", "file:///etc/passwd", "gopher://h", "javascript:alert(1)", "//h/a", "a.mp4", "http://", "http:///a", "http://[::1", "http://h/%zz", "http:a", "data", "ftp://h/v1/videos/task_1/content", "/v1/videos/task_2/content",
	} {
		_, err := Locate(address, "task_1")
		require.ErrorIs(t, err, ErrAddress, address)
	}
}

func TestPlainHidesWhatOpensTheVideo(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://user:pass@cdn.example.com/a%2Fb.mp4?Signature=secret#x", http.NoBody)
	require.NoError(t, err)
	require.Equal(t, "https://cdn.example.com/a%2Fb.mp4", Plain(req.URL))
}

func TestRedirect(t *testing.T) {
	req, err := http.NewRequest(http.MethodGet, "https://cdn.example.com", http.NoBody)
	require.NoError(t, err)
	req.Header.Set("Referer", "https://signed.example.com/?secret")
	require.NoError(t, Redirect(req, make([]*http.Request, 10)))
	require.Empty(t, req.Header)
	require.ErrorIs(t, Redirect(req, make([]*http.Request, 11)), ErrAddress)
}

func FuzzLocate(f *testing.F) {
	for _, address := range []string{"", "https://h/a", "data:,", "ftp://h", "localhost:3000/v1/videos/task/content", "http://[::1"} {
		f.Add(address)
	}
	f.Fuzz(func(t *testing.T, address string) {
		place, err := Locate(address, "task")
		switch {
		case err != nil:
			require.ErrorIs(t, err, ErrAddress)
		case place.Kind == Remote:
			require.Contains(t, []string{"http", "https"}, place.URL.Scheme)
			require.NotEmpty(t, place.URL.Host)
		case place.Kind == Inline:
			_, _ = OpenInline(place.Data) // never panics
		}
	})
}
