package xiexus_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// A proxy for requests to the relay. For the videos on other hosts, pass a transport to
// WithDownloadTransport too.
func ExampleWithHTTPClient_proxy() {
	relay := xiexustest.StartRelay()
	defer relay.Close()
	relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/video.mp4"))
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		fmt.Println("proxy:", req.Method, req.URL)
		relay.ServeHTTP(w, req)
	}))
	defer proxy.Close()
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		fmt.Println(err)
		return
	}

	client, err := xiexus.New(
		xiexus.WithAPIKey(relay.APIKey()),
		xiexus.WithBaseURL("http://relay.example.com"),
		xiexus.WithInsecureHTTP(), // only because the relay of this example has no certificate
		xiexus.WithHTTPClient(&http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxyURL)}}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.CloseIdleConnections()
	task, err := client.Get(context.Background(), "task_1")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(task.Status)
	// Output:
	// proxy: GET http://relay.example.com/v1/video/generations/task_1
	// completed
}
