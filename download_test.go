package xiexus_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// film is the video that is downloaded: a little over a megabyte.
var film = xiexustest.RandomVideo(1<<20 + 12345)

// tinyVideo is how an FLV file begins.
const tinyVideo = "FLV\x01\x05\x00\x00\x00\x09"

func filmBytes(t testing.TB) []byte { return bytesOf(t, film) }

func bytesOf(t testing.TB, video xiexustest.Video) []byte {
	content, err := io.ReadAll(io.NewSectionReader(video, 0, video.Size))
	require.NoError(t, err)
	return content
}

// studio is a relay with a completed task, and a CDN at another origin.
type studio struct {
	relay *xiexustest.Relay
	cdn   *xiexustest.CDN
}

func newStudio(t testing.TB) studio {
	s := studio{relay: newRelay(t), cdn: xiexustest.NewCDN()}
	s.relay.Host("cdn.example.com", s.cdn)
	s.relay.SetContent(xiexustest.Delivery{Video: film, NoRange: true})
	s.cdn.Put("/film.mp4", xiexustest.Delivery{Video: film})
	return s
}

// task returns a completed task with a URL, as the relay returns it.
func (s studio) task(t testing.TB, client *xiexus.Client, url string, dialects ...xiexustest.Dialect) *xiexus.Task {
	s.relay.Add("task", xiexustest.Completes(0, url, dialects...))
	task, err := client.Get(t.Context(), "task")
	require.NoError(t, err)
	return task
}

// taskAt returns a completed task that no relay returned.
func taskAt(url string) *xiexus.Task {
	return &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", Status: xiexus.StatusCompleted, URL: url}}
}

const atCDN = "http://cdn.example.com/film.mp4"

func TestDownload_FollowsTheURL(t *testing.T) {
	inline := bytesOf(t, xiexustest.SampleVideo())
	tests := []struct {
		name, url string
		route     bool // the relay's own route is requested
		cdn       int  // how often the CDN is
		want      []byte
	}{
		{"a CDN", atCDN, false, 1, filmBytes(t)},
		{"the relay's route", "http://relay.localhost/v1/videos/task/content", true, 0, filmBytes(t)},
		{"the route on a wrong host", "http://localhost:3000/v1/videos/task/content", true, 0, filmBytes(t)},
		{"no URL", "", true, 0, filmBytes(t)},
		{"a data URL", "data:video/mp4;base64," + base64.StdEncoding.EncodeToString(inline), false, 0, inline},
		{"a redirect", "http://cdn.example.com/moved.mp4", false, 2, filmBytes(t)},
		{"a redirect to another origin", "http://other.example.com/film.mp4", false, 1, filmBytes(t)},
	}
	for _, test := range tests {
		for _, dialect := range xiexustest.AllDialects() {
			t.Run(fmt.Sprintf("%s, %s", test.name, dialect), func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/moved.mp4", xiexustest.Delivery{Redirect: "/film.mp4"})
				other := xiexustest.NewCDN()
				other.Put("/", xiexustest.Delivery{Redirect: atCDN})
				s.relay.Host("other.example.com", other)
				client := newClient(t, s.relay)
				task := s.task(t, client, test.url, dialect)
				before := len(s.relay.Requests())

				got, n, err := fetch(t, client, task, false)
				require.NoError(t, err)
				require.EqualValues(t, len(test.want), n)
				require.True(t, bytes.Equal(test.want, got))
				requests := s.relay.Requests()[before:]
				require.Len(t, s.cdn.Requests(), test.cdn)
				require.Equal(t, test.route, len(requests) == 1)
				if test.route {
					require.Equal(t, "/v1/videos/task/content", requests[0].Path)
					require.Equal(t, "Bearer "+testKey, requests[0].Header.Get("Authorization"))
				}
				for _, request := range append(s.cdn.Requests(), other.Requests()...) {
					requireNoSecrets(t, request)
				}
			})
		}
	}
}

// requireNoSecrets checks what a server other than the relay has received.
func requireNoSecrets(t testing.TB, request xiexustest.Request) {
	require.NotContains(t, fmt.Sprint(request), testKey[3:])
	for _, name := range []string{"Authorization", "Referer", "Cookie", "X-Api-Key"} {
		require.NotContains(t, request.Header, name)
	}
}

func TestDownload_FollowsRedirectsOfTheRelay(t *testing.T) {
	s := newStudio(t)
	s.relay.SetContent(xiexustest.Delivery{Redirect: atCDN})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(&url.URL{Scheme: "http", Host: "cdn.example.com"}, []*http.Cookie{{Name: "session", Value: "secret"}})
	caller := s.relay.HTTPClient()
	caller.Jar, caller.Timeout = jar, time.Nanosecond
	task := s.task(t, newClient(t, s.relay), "")
	client := newClient(t, s.relay, xiexus.WithHTTPClient(caller))
	n, err := client.Download(t.Context(), task, io.Discard)
	require.NoError(t, err, "the caller's timeout is for short responses")
	require.Equal(t, film.Size, n)
	require.Len(t, s.cdn.Requests(), 1)
	requireNoSecrets(t, s.cdn.Requests()[0])
}

func TestTask_FileName(t *testing.T) {
	task := taskAt(atCDN)
	require.Equal(t, "task.mp4", task.FileName())
	task.Format = "video/webm"
	require.Equal(t, "task.webm", task.FileName())
	task.TaskID = "../../etc/passwd"
	require.False(t, strings.ContainsAny(task.FileName(), `/\`))
}

func TestWithVideoIndex(t *testing.T) {
	s := newStudio(t)
	client := newClient(t, s.relay)
	second := xiexustest.RandomVideo(2000)
	s.cdn.Put("/second.webm", xiexustest.Delivery{Video: second})
	task := taskAt(atCDN)
	task.URLs = []string{atCDN, "http://cdn.example.com/second.webm"}
	require.Equal(t, "task.mp4", task.FileName())
	require.Equal(t, "task-2.webm", task.VideoFileName(1))

	path := filepath.Join(t.TempDir(), "v.webm")
	for index, want := range []xiexustest.Video{film, second} { // the rest of one is not taken for that of another
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		option := xiexus.WithVideoIndex(index)
		_, err := client.DownloadFile(ctx, task, path, option, xiexus.WithDownloadProgress(interrupter{interrupt, 1000}.progress))
		if err != nil {
			require.ErrorIs(t, err, context.Canceled)
			continue
		}
		got, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(bytesOf(t, want), got))
	}
	for _, index := range []int{-1, 2} {
		_, err := client.Download(t.Context(), task, io.Discard, xiexus.WithVideoIndex(index))
		require.ErrorContains(t, err, "WithVideoIndex")
	}
}
