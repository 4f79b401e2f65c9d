package xiexustest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// received is the result of a GET.
type received struct {
	*http.Response
	body []byte
	err  error // of reading the body
}

// getVideo sends a GET to a CDN in memory.
func getVideo(t *testing.T, cdn *xiexustest.CDN, path string, headers ...string) received {
	relay := xiexustest.NewRelay(t)
	relay.Host("cdn.example.com", cdn)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://cdn.example.com"+path, http.NoBody)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := relay.HTTPClient().Transport.RoundTrip(req)
	require.NoError(t, err)
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	return received{resp, body, err}
}

var (
	digits = []byte("0123456789")
	ten    = xiexustest.VideoFromBytes(digits)
)

func TestCDN_Delivers(t *testing.T) {
	tests := []struct {
		name     string
		delivery xiexustest.Delivery
		headers  []string
		status   int
		body     string
		length   int64
	}{
		{"complete", xiexustest.Delivery{}, nil, 200, "0123456789", 10},
		{"a range", xiexustest.Delivery{}, []string{"Range", "bytes=4-"}, 206, "456789", 6},
		{"range ignored", xiexustest.Delivery{NoRange: true}, []string{"Range", "bytes=4-"}, 200, "0123456789", 10},
		{"a range of another video", xiexustest.Delivery{}, []string{"Range", "bytes=4-", "If-Range", `"other"`}, 200, "0123456789", 10},
		{"a range beyond the end", xiexustest.Delivery{}, []string{"Range", "bytes=10-"}, 416, "invalid range: failed to overlap\n", 33},
		{"no Content-Length", xiexustest.Delivery{NoContentLength: true}, nil, 200, "0123456789", -1},
		{"a status", xiexustest.Delivery{Status: 403}, nil, 403, "<Error><Code>AccessDenied</Code></Error>", 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cdn := xiexustest.NewCDN()
			test.delivery.Video = ten
			cdn.Put("/a/", test.delivery)
			got := getVideo(t, cdn, "/a/v.mp4", test.headers...)
			require.NoError(t, got.err)
			require.Equal(t, test.status, got.StatusCode)
			require.Equal(t, test.body, string(got.body))
			require.Equal(t, test.length, got.ContentLength)
			require.Len(t, cdn.Requests(), 1)
			require.Equal(t, http.StatusNotFound, getVideo(t, cdn, "/b").StatusCode)
		})
	}
}

func TestCDN_SendsHeaders(t *testing.T) {
	cdn := xiexustest.NewCDN()
	cdn.Put("/", xiexustest.Delivery{Video: ten})
	cdn.Put("/odd/", xiexustest.Delivery{Video: ten, NoETag: true, Header: http.Header{"Content-Type": {"text/plain"}}})
	normal, odd := getVideo(t, cdn, "/v"), getVideo(t, cdn, "/odd/v")
	require.Equal(t, "video/mp4", normal.Header.Get("Content-Type"))
	require.NotEmpty(t, normal.Header.Get("ETag"))
	require.Equal(t, "text/plain", odd.Header.Get("Content-Type"))
	require.Empty(t, odd.Header.Get("ETag"))
}

func TestCDN_CutsTransfers(t *testing.T) {
	cdn := xiexustest.NewCDN()
	cdn.Put("/cut", xiexustest.Delivery{Video: ten, Cuts: []int64{3, 0}})
	for i, want := range []string{"012", "", "0123456789"} {
		got := getVideo(t, cdn, "/cut")
		require.Equal(t, want, string(got.body))
		require.Equal(t, i < 2, got.err != nil)
	}
	cdn.Put("/long", xiexustest.Delivery{Video: ten, ContentLength: 20})
	got := getVideo(t, cdn, "/long")
	require.Equal(t, digits, got.body)
	require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
}

func TestCDN_Redirects(t *testing.T) {
	cdn := xiexustest.NewCDN()
	cdn.Put("/moved", xiexustest.Delivery{Redirect: "/cut"})
	got := getVideo(t, cdn, "/moved")
	require.Equal(t, http.StatusFound, got.StatusCode)
	require.Equal(t, "/cut", got.Header.Get("Location"))
}

func TestCDN_LimitsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cdn := xiexustest.NewCDN()
		cdn.Put("/", xiexustest.Delivery{Video: xiexustest.RandomVideo(10_000), Rate: 1000})
		start := time.Now()
		got := getVideo(t, cdn, "/v")
		require.NoError(t, got.err)
		require.InDelta(t, 10*time.Second, time.Since(start), float64(time.Second/2))
	})
}

func TestCDN_ExpiresURLs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := xiexustest.NewRelay(t)
		relay.Add("done", xiexustest.Completes(0, "http://cdn.example.com/{id}?since={now}"))
		cdn := xiexustest.NewCDN()
		cdn.Put("/done", xiexustest.Delivery{Video: ten, LinkTTL: time.Minute})
		signedURL := func() string {
			var task struct{ URL string }
			require.NoError(t, json.Unmarshal([]byte(read(t, relay, "done")), &task))
			return strings.TrimPrefix(task.URL, "http://cdn.example.com")
		}
		old := signedURL()
		require.Equal(t, http.StatusOK, getVideo(t, cdn, old).StatusCode)
		time.Sleep(2 * time.Minute)
		require.Equal(t, http.StatusForbidden, getVideo(t, cdn, old).StatusCode)
		require.Equal(t, http.StatusOK, getVideo(t, cdn, signedURL()).StatusCode)
		require.Equal(t, http.StatusForbidden, getVideo(t, cdn, "/done").StatusCode)
	})
}

func TestCDN_RecordsRequestsUntilTheyAreDiscarded(t *testing.T) {
	cdn := xiexustest.NewCDN()
	_ = getVideo(t, cdn, "/v.mp4?a=b", "Range", "bytes=4-")
	requests := cdn.Requests()
	require.Len(t, requests, 1)
	require.Equal(t, "/v.mp4?a=b", requests[0].Path)
	require.Equal(t, "bytes=4-", requests[0].Header.Get("Range"))
	cdn.DiscardRequests()
	_ = getVideo(t, cdn, "/v.mp4")
	require.Empty(t, cdn.Requests())
}
