package fakerelay_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/fakerelay"
)

// fetched is what came of a GET.
type fetched struct {
	*http.Response
	body []byte
	err  error // of reading it
}

// fetch asks a CDN in memory.
func fetch(t *testing.T, cdn *fakerelay.CDN, path string, headers ...string) fetched {
	relay := fakerelay.New(key)
	t.Cleanup(relay.Close)
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
	return fetched{resp, body, err}
}

var (
	digits = []byte("0123456789")
	ten    = fakerelay.Bytes(digits)
)

func TestDeliveries(t *testing.T) {
	tests := []struct {
		name     string
		delivery fakerelay.Delivery
		headers  []string
		status   int
		body     string
		length   int64
	}{
		{"whole", fakerelay.Delivery{}, nil, 200, "0123456789", 10},
		{"a part", fakerelay.Delivery{}, []string{"Range", "bytes=4-"}, 206, "456789", 6},
		{"no part", fakerelay.Delivery{NoRange: true}, []string{"Range", "bytes=4-"}, 200, "0123456789", 10},
		{"a part of another", fakerelay.Delivery{}, []string{"Range", "bytes=4-", "If-Range", `"other"`}, 200, "0123456789", 10},
		{"beyond the end", fakerelay.Delivery{}, []string{"Range", "bytes=10-"}, 416, "invalid range: failed to overlap\n", 33},
		{"no length", fakerelay.Delivery{NoLength: true}, nil, 200, "0123456789", -1},
		{"expired", fakerelay.Delivery{Status: 403}, nil, 403, "<Error><Code>AccessDenied</Code></Error>", 40},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			cdn := fakerelay.NewCDN()
			test.delivery.Video = ten
			cdn.Put("/a/", test.delivery)
			got := fetch(t, cdn, "/a/v.mp4", test.headers...)
			require.NoError(t, got.err)
			require.Equal(t, test.status, got.StatusCode)
			require.Equal(t, test.body, string(got.body))
			require.Equal(t, test.length, got.ContentLength)
			require.Len(t, cdn.Requests(), 1)
			require.Equal(t, http.StatusNotFound, fetch(t, cdn, "/b").StatusCode)
		})
	}
}

func TestBrokenDeliveries(t *testing.T) {
	cdn := fakerelay.NewCDN()
	cdn.Put("/cut", fakerelay.Delivery{Video: ten, Cuts: []int64{3, 0}})
	for i, want := range []string{"012", "", "0123456789"} {
		got := fetch(t, cdn, "/cut")
		require.Equal(t, want, string(got.body))
		require.Equal(t, i < 2, got.err != nil)
	}
	cdn.Put("/long", fakerelay.Delivery{Video: ten, Length: 20})
	got := fetch(t, cdn, "/long")
	require.Equal(t, digits, got.body)
	require.ErrorIs(t, got.err, io.ErrUnexpectedEOF)
	cdn.Put("/moved", fakerelay.Delivery{Redirect: "/cut"})
	require.Equal(t, "/cut", fetch(t, cdn, "/moved").Header.Get("Location"))
}

func TestSlowDeliveries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cdn := fakerelay.NewCDN()
		cdn.Put("/", fakerelay.Delivery{Video: fakerelay.Noise(10_000), Rate: 1000})
		start := time.Now()
		got := fetch(t, cdn, "/v")
		require.NoError(t, got.err)
		require.InDelta(t, 10*time.Second, time.Since(start), float64(time.Second/2))
	})
}

func TestAddressesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := fakerelay.New(key)
		t.Cleanup(relay.Close)
		relay.Add("done", fakerelay.Completes(0, "http://cdn.example.com/{id}?since={now}"))
		cdn := fakerelay.NewCDN()
		cdn.Put("/done", fakerelay.Delivery{Video: ten, Life: time.Minute})
		address := func() string {
			_, answer := ask(t, relay, "/v1/video/generations/done", key)
			var task gen.VideoTask
			require.NoError(t, json.Unmarshal(answer, &task))
			return strings.TrimPrefix(task.URL, "http://cdn.example.com")
		}
		old := address()
		require.Equal(t, http.StatusOK, fetch(t, cdn, old).StatusCode)
		time.Sleep(2 * time.Minute)
		require.Equal(t, http.StatusForbidden, fetch(t, cdn, old).StatusCode)
		require.Equal(t, http.StatusOK, fetch(t, cdn, address()).StatusCode)
		require.Equal(t, http.StatusForbidden, fetch(t, cdn, "/done").StatusCode)
	})
}

func TestContent(t *testing.T) {
	relay := fakerelay.New(key)
	defer relay.Close()
	relay.Add("done", fakerelay.Completes(0, ""))
	relay.Add("working", fakerelay.Completes(time.Hour, ""))
	relay.AddWaiting("waiting", fakerelay.Completes(0, ""))
	relay.SetContent(fakerelay.Delivery{Video: ten, NoRange: true})
	get := func(id, key string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://relay/v1/videos/"+id+"/content", http.NoBody)
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Range", "bytes=4-")
		resp, err := relay.HTTPClient().Do(req)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		_ = resp.Body.Close()
		return resp.StatusCode, string(body)
	}
	for _, test := range []struct {
		id, key string
		status  int
		says    string
	}{
		{"done", key, 200, "0123456789"},
		{"working", key, 400, "not completed"},
		{"waiting", key, 400, "not completed"},
		{"nope", key, 404, "Task not found"},
		{"done", "sk-wrong", 401, "Invalid token"},
	} {
		status, body := get(test.id, test.key)
		require.Equal(t, test.status, status, fmt.Sprint(test))
		require.Contains(t, body, test.says)
	}
	relay.SetContent(fakerelay.Delivery{Video: ten})
	status, body := get("done", key)
	require.Equal(t, http.StatusPartialContent, status)
	require.Equal(t, "456789", body)
	relay.SetContent(fakerelay.Delivery{Status: http.StatusBadGateway})
	status, body = get("done", key)
	require.Equal(t, http.StatusBadGateway, status)
	require.Contains(t, body, "Failed to fetch video content")
}
