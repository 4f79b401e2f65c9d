package xiexus_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

// film is what downloads bring home: a little over a megabyte.
var film = fakerelay.Noise(1<<20 + 12345)

func filmBytes(t testing.TB) []byte {
	content, err := io.ReadAll(io.NewSectionReader(film, 0, film.Size))
	require.NoError(t, err)
	return content
}

// studio is a relay with a completed task, and a CDN at another origin.
type studio struct {
	relay *fakerelay.Relay
	cdn   *fakerelay.CDN
}

func newStudio(t testing.TB) studio {
	s := studio{relay: newRelay(t), cdn: fakerelay.NewCDN()}
	s.relay.Host("cdn.example.com", s.cdn)
	s.relay.SetContent(fakerelay.Delivery{Video: film, NoRange: true})
	s.cdn.Put("/film.mp4", fakerelay.Delivery{Video: film})
	return s
}

// task returns a completed task with an address, as the relay tells it.
func (s studio) task(t testing.TB, client *xiexus.Client, address string, dialects ...fakerelay.Dialect) *xiexus.Task {
	s.relay.Add("task", fakerelay.Completes(0, address, dialects...))
	task, err := client.Get(t.Context(), "task")
	require.NoError(t, err)
	return task
}

// taskAt is a completed task that was made by hand.
func taskAt(address string) *xiexus.Task {
	return &xiexus.Task{VideoTask: gen.VideoTask{TaskID: "task", Status: xiexus.StatusCompleted, URL: address}}
}

const atCDN = "http://cdn.example.com/film.mp4"

func TestDownloadFromWhereverTheAddressLeads(t *testing.T) {
	sample := fakerelay.Sample()
	inline, err := io.ReadAll(io.NewSectionReader(sample, 0, sample.Size))
	require.NoError(t, err)
	tests := []struct {
		name, address string
		content       bool // the relay's own route is asked
		cdn           int  // how often the CDN is
		want          []byte
	}{
		{"a CDN", atCDN, false, 1, filmBytes(t)},
		{"the relay's route", "http://relay.localhost/v1/videos/task/content", true, 0, filmBytes(t)},
		{"the route at a wrong host", "http://localhost:3000/v1/videos/task/content", true, 0, filmBytes(t)},
		{"no address", "", true, 0, filmBytes(t)},
		{"a data URL", "data:video/mp4;base64," + base64.StdEncoding.EncodeToString(inline), false, 0, inline},
		{"a redirect", "http://cdn.example.com/moved.mp4", false, 2, filmBytes(t)},
		{"a redirect to another origin", "http://other.example.com/film.mp4", false, 1, filmBytes(t)},
	}
	for _, test := range tests {
		for _, dialect := range fakerelay.Dialects {
			t.Run(fmt.Sprintf("%s, %s", test.name, dialect), func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/moved.mp4", fakerelay.Delivery{Redirect: "/film.mp4"})
				other := fakerelay.NewCDN()
				other.Put("/", fakerelay.Delivery{Redirect: atCDN})
				s.relay.Host("other.example.com", other)
				client := newClient(t, s.relay)
				task := s.task(t, client, test.address, dialect)
				before := len(s.relay.Requests())

				var got bytes.Buffer
				n, err := client.Download(t.Context(), task, &got)
				require.NoError(t, err)
				require.EqualValues(t, len(test.want), n)
				require.True(t, bytes.Equal(test.want, got.Bytes()))

				asked := s.relay.Requests()[before:]
				require.Len(t, s.cdn.Requests(), test.cdn)
				require.Equal(t, test.content, len(asked) == 1)
				for _, request := range asked {
					require.Equal(t, "/v1/videos/task/content", request.Path)
					require.Equal(t, "Bearer "+testKey, request.Header.Get("Authorization"))
				}
				for _, request := range append(s.cdn.Requests(), other.Requests()...) {
					requireNoSecrets(t, request)
				}
			})
		}
	}
}

// requireNoSecrets looks at what a foreign server has seen.
func requireNoSecrets(t testing.TB, request fakerelay.Request) {
	require.NotContains(t, fmt.Sprint(request), testKey[3:])
	for _, name := range []string{"Authorization", "Referer", "Cookie", "X-Api-Key"} {
		require.NotContains(t, request.Header, name)
	}
}

func TestTheRelayMayRedirectToItsCDN(t *testing.T) {
	s := newStudio(t)
	s.relay.SetContent(fakerelay.Delivery{Redirect: atCDN})
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	jar.SetCookies(&url.URL{Scheme: "http", Host: "cdn.example.com"}, []*http.Cookie{{Name: "session", Value: "secret"}})
	caller := s.relay.HTTPClient()
	caller.Jar, caller.Timeout = jar, time.Nanosecond
	patient := newClient(t, s.relay)
	task := s.task(t, patient, "")
	client := newClient(t, s.relay, xiexus.WithHTTPClient(caller))
	n, err := client.Download(t.Context(), task, io.Discard)
	require.NoError(t, err, "the caller's limit of time is for short answers")
	require.Equal(t, film.Size, n)
	require.Len(t, s.cdn.Requests(), 1)
	requireNoSecrets(t, s.cdn.Requests()[0])
}

func TestDownloadsSurviveTwentyCuts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	cuts := make([]int64, 20)
	for i := range cuts {
		cuts[i] = random.Int64N(film.Size)
	}
	tests := []struct {
		name     string
		delivery fakerelay.Delivery
		address  string
	}{
		{"ranges", fakerelay.Delivery{}, atCDN},
		{"ranges, small pieces", fakerelay.Delivery{Cuts: []int64{1, 2, 3, 0, 1000, 4, 0, 0, 5}}, atCDN},
		{"no ranges", fakerelay.Delivery{NoRange: true}, atCDN},
		{"no validator", fakerelay.Delivery{NoTag: true}, atCDN},
		{"no length", fakerelay.Delivery{NoLength: true}, atCDN},
		{"silence", fakerelay.Delivery{Stall: true}, atCDN},
		{"the relay's route", fakerelay.Delivery{NoRange: true}, ""},
		{"the relay's route, with ranges", fakerelay.Delivery{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, toFile := range []bool{true, false} {
					s := newStudio(t)
					test.delivery.Video = film
					if test.delivery.Cuts == nil {
						test.delivery.Cuts = cuts
					}
					s.cdn.Put("/film.mp4", test.delivery)
					s.relay.SetContent(test.delivery)
					client := newClient(t, s.relay)
					task := s.task(t, client, test.address)
					path := filepath.Join(t.TempDir(), task.FileName())
					var got []byte
					var n int64
					var err error
					if toFile {
						n, err = client.DownloadFile(t.Context(), task, path)
						got, _ = os.ReadFile(path)
					} else {
						var buffer bytes.Buffer
						n, err = client.Download(t.Context(), task, &buffer)
						got = buffer.Bytes()
					}
					require.NoError(t, err)
					require.Equal(t, film.Size, n)
					require.True(t, bytes.Equal(filmBytes(t), got))
				}
			})
		})
	}
}

func TestAnExpiredLinkIsReadAnewOnce(t *testing.T) {
	tests := []struct {
		name  string
		urls  []string
		reads int
		want  error
	}{
		{"a fresh one", []string{"http://cdn.example.com/old.mp4?signature=x", atCDN}, 2, nil},
		{"the relay's route next", []string{"http://cdn.example.com/old.mp4", ""}, 2, nil},
		{"the same again", []string{"http://cdn.example.com/old.mp4"}, 2, xiexus.ErrLinkExpired},
		{"another that has expired", []string{"http://cdn.example.com/old.mp4", "http://cdn.example.com/gone.mp4", atCDN}, 2, xiexus.ErrLinkExpired},
	}
	for _, test := range tests {
		for _, status := range []int{400, 401, 403, 404, 410} {
			t.Run(fmt.Sprintf("%s, %d", test.name, status), func(t *testing.T) {
				s := newStudio(t)
				s.cdn.Put("/old.mp4", fakerelay.Delivery{Status: status})
				s.cdn.Put("/gone.mp4", fakerelay.Delivery{Status: status})
				client := newClient(t, s.relay)
				script := fakerelay.Completes(0, "")
				script.URLs = test.urls
				s.relay.Add("task", script)
				task, err := client.Get(t.Context(), "task")
				require.NoError(t, err)
				before := task.URL

				_, err = client.Download(t.Context(), task, io.Discard)
				require.ErrorIs(t, err, test.want)
				reads := 0
				for _, request := range s.relay.Requests() {
					if request.Path == "/v1/video/generations/task" {
						reads++
					}
				}
				require.Equal(t, test.reads, reads)
				require.Equal(t, before, task.URL, "the caller's task stays as it is")
				if err != nil {
					require.NotErrorIs(t, err, xiexus.ErrForbidden, "that would be about the key")
					require.NotContains(t, err.Error(), "signature")
				}
			})
		}
	}
}

func TestALinkThatKeepsExpiringOnTheWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStudio(t)
		s.cdn.Put("/film.mp4", fakerelay.Delivery{
			Video: film, Rate: 100_000, Life: time.Second, Cuts: []int64{300_000, 300_000, 300_000},
		})
		client := newClient(t, s.relay)
		task := s.task(t, client, atCDN+"?since={now}", fakerelay.Stored)
		var got bytes.Buffer
		_, err := client.Download(t.Context(), task, &got)
		require.NoError(t, err)
		require.True(t, bytes.Equal(filmBytes(t), got.Bytes()))
		require.Len(t, s.cdn.Requests(), 4+3, "each cut finds an old link first")
	})
}

// interrupter ends a context after some bytes.
type interrupter struct {
	interrupt context.CancelFunc
	after     int64
}

func (i interrupter) progress(done, _ int64) {
	if done >= i.after {
		i.interrupt()
	}
}

func TestDownloadFileGoesOnAfterAnInterrupt(t *testing.T) {
	for _, ranges := range []bool{true, false} {
		t.Run(fmt.Sprint("ranges ", ranges), func(t *testing.T) {
			s := newStudio(t)
			s.cdn.Put("/film.mp4", fakerelay.Delivery{Video: film, NoRange: !ranges})
			client := newClient(t, s.relay)
			path := filepath.Join(t.TempDir(), "film.mp4")
			ctx, interrupt := context.WithCancel(t.Context())
			defer interrupt()
			n, err := client.DownloadFile(ctx, taskAt(atCDN), path, xiexus.WithDownloadProgress(interrupter{interrupt, 300_000}.progress))
			require.ErrorIs(t, err, context.Canceled)
			var failed *xiexus.DownloadError
			require.ErrorAs(t, err, &failed)
			require.Equal(t, path+".part", failed.Partial)
			require.Equal(t, n, failed.Received)
			require.Equal(t, film.Size, failed.Size)
			require.Contains(t, err.Error(), "download it again to go on")
			require.NoFileExists(t, path)

			var first int64
			size, err := newClient(t, s.relay).DownloadFile(t.Context(), taskAt(atCDN), path, xiexus.WithDownloadProgress(func(done, _ int64) {
				if first == 0 {
					first = done
				}
			}))
			require.NoError(t, err)
			require.Equal(t, film.Size, size)
			require.Greater(t, first, n)
			got, err := os.ReadFile(path)
			require.NoError(t, err)
			require.True(t, bytes.Equal(filmBytes(t), got))
			require.NoDirExists(t, path+".part")
			require.Equal(t, fmt.Sprintf("bytes=%d-", n), s.cdn.Requests()[1].Header.Get("Range"))
			require.NotEmpty(t, s.cdn.Requests()[1].Header.Get("If-Range"))
		})
	}
}

func TestFileName(t *testing.T) {
	task := taskAt(atCDN)
	require.Equal(t, "task.mp4", task.FileName())
	task.Format = "video/webm"
	require.Equal(t, "task.webm", task.FileName())
	task.TaskID = "../../etc/passwd"
	require.False(t, strings.ContainsAny(task.FileName(), `/\`))
}
