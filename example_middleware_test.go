package xiexus_test

import (
	"context"
	"fmt"
	"net/http"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// teamHeader adds a header to each request.
type teamHeader struct {
	team string
	next http.RoundTripper // usually http.DefaultTransport
}

// RoundTrip sends a copy of the request, because a transport must not change it.
func (h teamHeader) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Team", h.team)
	return h.next.RoundTrip(req)
}

func ExampleWithHTTPClient() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))

	httpClient := &http.Client{Transport: teamHeader{team: "studio", next: relay.HTTPClient().Transport}}
	client, err := xiexus.New(append(relay.Options(), xiexus.WithHTTPClient(httpClient))...)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := client.Get(context.Background(), "task_1"); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(relay.Requests()[0].Header.Get("X-Team"))
	// Output: studio
}
