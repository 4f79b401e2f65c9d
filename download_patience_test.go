package xiexus_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// flaky responds with a status to the first requests, and then delivers the film.
type flaky struct {
	status     int
	retryAfter string
	failures   int
	requests   []time.Time
	cdn        *xiexustest.CDN
}

func newFlaky(status, failures int, retryAfter string) *flaky {
	f := &flaky{status: status, retryAfter: retryAfter, failures: failures, cdn: xiexustest.NewCDN()}
	f.cdn.Put("/", xiexustest.Delivery{Video: film})
	return f
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	f.requests = append(f.requests, time.Now())
	if len(f.requests) > f.failures {
		f.cdn.ServeHTTP(w, req)
		return
	}
	if f.retryAfter != "" {
		w.Header().Set("Retry-After", f.retryAfter)
	}
	w.WriteHeader(f.status)
}

// justFinished returns a task that ended a minute ago by its own times.
func justFinished(url string) *xiexus.Task {
	task := taskAt(url)
	task.FinishedAt = time.Now().Add(-time.Minute)
	return task
}

var notYet = []int{202, 204, 403, 404, 409, 423, 425, 500, 502, 503}

func TestDownload_WaitsForAVideoThatIsNotThereYet(t *testing.T) {
	for _, status := range notYet {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, server := newStudio(t), newFlaky(status, 4, "")
				s.relay.Host("cdn.example.com", server)
				s.relay.Add("task", xiexustest.Completes(0, atCDN))
				got, _, err := fetch(t, newClient(t, s.relay), justFinished(atCDN), true)
				require.NoError(t, err)
				require.True(t, bytes.Equal(filmBytes(t), got))
				require.Len(t, server.requests, 5)
				require.LessOrEqual(t, len(s.relay.Requests()), 1, "a new URL is looked for once")
				require.Greater(t, server.requests[4].Sub(server.requests[3]), server.requests[1].Sub(server.requests[0]), "growing delays")
			})
		})
	}
}

func TestDownload_GivesUpAVideoThatDoesNotCome(t *testing.T) {
	for _, status := range []int{403, 404} {
		synctest.Test(t, func(t *testing.T) {
			s, server := newStudio(t), newFlaky(status, 1000, "")
			s.relay.Host("cdn.example.com", server)
			s.relay.Add("task", xiexustest.Completes(0, atCDN))
			began := time.Now()
			_, err := newClient(t, s.relay).Download(t.Context(), justFinished(atCDN), io.Discard)
			require.ErrorIs(t, err, xiexus.ErrLinkExpired)
			require.InDelta(t, 65, time.Since(began).Seconds(), 10)
			require.Less(t, len(server.requests), 20)
		})
	}
}

func TestDownload_HonorsRetryAfter(t *testing.T) {
	for _, status := range append(notYet, http.StatusTooManyRequests) {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, server := newStudio(t), newFlaky(status, 2, "17")
				s.relay.Host("cdn.example.com", server)
				s.relay.Add("task", xiexustest.Completes(0, atCDN))
				_, err := newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), io.Discard)
				require.NoError(t, err, "even of a task that finished long ago")
				require.Equal(t, 17*time.Second, server.requests[1].Sub(server.requests[0]).Truncate(time.Millisecond))
				require.Equal(t, 17*time.Second, server.requests[2].Sub(server.requests[1]).Truncate(time.Millisecond))
			})
		})
	}
}

func TestDownload_RetriesOnlyTasksThatHaveJustFinished(t *testing.T) {
	old := taskAt(atCDN)
	old.FinishedAt = time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, task := range map[string]*xiexus.Task{"no times": taskAt(atCDN), "old": old} {
		for _, status := range []int{403, 404, 410} {
			t.Run(fmt.Sprintf("%s, %d", name, status), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, server := newStudio(t), newFlaky(status, 1000, "")
					s.relay.Host("cdn.example.com", server)
					s.relay.Add("task", xiexustest.Completes(0, atCDN))
					_, err := newClient(t, s.relay).Download(t.Context(), task, io.Discard)
					require.ErrorIs(t, err, xiexus.ErrLinkExpired)
					require.Len(t, server.requests, 1)
				})
			})
		}
	}
}

// A wait has seen the task end, although the relay reports no times.
func TestDownload_WaitsForAVideoAfterAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, server := newStudio(t), newFlaky(http.StatusNotFound, 3, "")
		s.relay.Host("cdn.example.com", server)
		s.relay.Add("task", xiexustest.Completes(20*time.Second, atCDN))
		client := newClient(t, s.relay)
		task, err := client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Zero(t, task.FinishedAt)
		_, err = client.Download(t.Context(), task, io.Discard)
		require.NoError(t, err)
	})
}

// contentRoute is a relay whose content endpoint fails at first.
func contentRoute(t *testing.T, status int, body string, failures int) (client *xiexus.Client, requests *int) {
	requests = new(int)
	film := string(filmBytes(t))
	return clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		*requests++
		assert.Equal(t, "/v1/videos/task/content", req.URL.Path)
		if *requests <= failures {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
			return
		}
		_, _ = io.WriteString(w, film)
	}, xiexus.WithMaxRetries(2)), requests
}

func TestDownload_WaitsForTheContentEndpoint(t *testing.T) {
	for status, message := range map[int]string{
		400: "Task is not completed yet, current status: IN_PROGRESS", 404: "Task not found", 502: "Failed to fetch video content", 503: "unavailable",
	} {
		t.Run(strconv.Itoa(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				body := fmt.Sprintf(`{"error":{"message":%q,"type":"invalid_request_error"}}`, message)
				client, requests := contentRoute(t, status, body, 4)
				_, err := client.Download(t.Context(), justFinished(""), io.Discard)
				require.NoError(t, err)
				require.Equal(t, 5, *requests)
			})
		})
	}
}

// A download is as patient as a wait.
func TestDownload_SurvivesARestartOfTheServer(t *testing.T) {
	for _, url := range []string{atCDN, ""} {
		synctest.Test(t, func(t *testing.T) {
			s := newStudio(t)
			down := time.Now().Add(30 * time.Second)
			restarting := roundTrip(func(req *http.Request) (*http.Response, error) {
				if time.Now().Before(down) {
					return nil, io.ErrUnexpectedEOF
				}
				return s.relay.HTTPClient().Transport.RoundTrip(req)
			})
			s.relay.Add("task", xiexustest.Completes(0, url))
			client := newClient(t, s.relay, xiexus.WithHTTPClient(&http.Client{Transport: restarting}), xiexus.WithDownloadTransport(restarting))
			_, err := client.Download(t.Context(), taskAt(url), io.Discard)
			require.NoError(t, err)

			down = time.Now().Add(time.Hour)
			began := time.Now()
			_, err = client.Download(t.Context(), taskAt(url), io.Discard)
			require.ErrorIs(t, err, xiexus.ErrUnavailable)
			require.InDelta(t, 65, time.Since(began).Seconds(), 10)
		})
	}
}

func TestDownload_ArtifactsOfTheRelay(t *testing.T) {
	var requests []string
	client := clientOf(t, func(w http.ResponseWriter, req *http.Request) {
		requests = append(requests, req.URL.RequestURI())
		assert.Equal(t, "Bearer "+testKey, req.Header.Get("Authorization"))
		_, _ = io.WriteString(w, tinyVideo)
	}, xiexus.WithBaseURL("http://relay.localhost/below"))
	for _, url := range []string{
		"http://localhost:3000/v1/tasks/task/artifacts/video/content?access=a%2Bb", "/v1/tasks/task/artifacts/video/content?access=a%2Bb",
		"http://localhost:3000/v1/videos/task/content?variant=1",
	} {
		var got bytes.Buffer
		_, err := client.Download(t.Context(), taskAt(url), &got)
		require.NoError(t, err)
		require.Equal(t, tinyVideo, got.String())
	}
	require.Equal(t, []string{
		"/below/v1/tasks/task/artifacts/video/content?access=a%2Bb", "/below/v1/tasks/task/artifacts/video/content?access=a%2Bb",
		"/below/v1/videos/task/content?variant=1",
	}, requests)
	_, err := client.Download(t.Context(), taskAt("http://localhost:3000/v1/tasks/task/artifacts/video/content?access="+testKey), io.Discard)
	require.ErrorIs(t, err, xiexus.ErrAddressRefused)
	require.Len(t, requests, 3)
}

// writerFunc is a writer made of a function.
type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestDownload_ChecksWhatAWriterReports(t *testing.T) {
	tests := []struct {
		name  string
		write writerFunc
		want  string
		n     int64
	}{
		{"less", func(p []byte) (int, error) { return len(p) / 2, nil }, io.ErrShortWrite.Error(), -1},
		{"nothing", func([]byte) (int, error) { return 0, nil }, io.ErrShortWrite.Error(), 0},
		{"more", func(p []byte) (int, error) { return len(p) + 1, nil }, "invalid write result", 0},
		{"less than nothing", func([]byte) (int, error) { return -1, nil }, "invalid write result", 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := newStudio(t)
			n, err := newClient(t, s.relay).Download(t.Context(), taskAt(atCDN), test.write)
			require.ErrorContains(t, err, test.want)
			require.Len(t, s.cdn.Requests(), 1)
			if test.n >= 0 {
				require.Equal(t, test.n, n)
			}
		})
	}
}

func TestDownloadError_SaysWhetherARetryResumes(t *testing.T) {
	for _, test := range []struct {
		delivery xiexustest.Delivery
		want     string
	}{
		{xiexustest.Delivery{}, "retry the download to resume"},
		{xiexustest.Delivery{NoETag: true}, "receives the video from its start"},
		{xiexustest.Delivery{NoETag: true, NoContentLength: true}, "receives the video from its start"},
	} {
		s := newStudio(t)
		test.delivery.Video = film
		s.cdn.Put("/film.mp4", test.delivery)
		ctx, interrupt := context.WithCancel(t.Context())
		defer interrupt()
		_, err := newClient(t, s.relay).DownloadFile(ctx, taskAt(atCDN), filepath.Join(t.TempDir(), "v.mp4"),
			xiexus.WithDownloadProgress(interrupter{interrupt, 300_000}.progress))
		require.ErrorContains(t, err, test.want)
		require.Equal(t, strings.Contains(err.Error(), "to resume"), test.want == "retry the download to resume")
	}
}
