package xiexus_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

// session is the cookie of the relay.
const session = "c00kie0fTheRelay"

// cookies are the cookie for the relay only, and for all servers of its domain.
var cookies = []string{"session=" + session, "domain=" + session + "; Domain=example.com"}

// keyForms are the key, and what encodings make of it, in lower case.
func keyForms() []string {
	forms := []string{secret, hex.EncodeToString([]byte(secret))}
	for _, text := range []string{secret, testKey, "Bearer " + testKey, ":" + testKey, testKey + ":"} {
		forms = append(forms, base64.RawStdEncoding.EncodeToString([]byte(text)), base64.RawURLEncoding.EncodeToString([]byte(text)))
	}
	for i, form := range forms {
		forms[i] = strings.ToLower(form)
	}
	return forms
}

// hasKey reports whether a request has the key as a bearer token.
func (a arrival) hasKey() bool {
	return len(a.authorization) == 1 && a.authorization[0] == "Bearer "+testKey
}

// requireKeyStays checks that requests contain the key where want says, at home only, and
// there only in its header; and that no cookie of the relay is sent anywhere else.
func requireKeyStays(t *testing.T, home endpoint, arrived []arrival, want []bool, route string) {
	t.Helper()
	var got []bool
	for _, a := range arrived {
		got = append(got, a.hasKey())
		rest := a.dump
		if a.hasKey() {
			require.Equal(t, home, a.endpoint, route)
			rest = strings.Replace(rest, a.authorization[0], "", 1)
		}
		if a.endpoint != home {
			require.NotContains(t, rest, session, route)
		}
		rest = strings.ToLower(rest)
		for _, form := range keyForms() {
			require.NotContains(t, rest, form, route)
		}
	}
	require.Equal(t, want, got, route)
}

// keyTest is a client whose relay redirects its requests.
type keyTest struct {
	*testing.T
	network *wire
	client  *xiexus.Client
	home    endpoint // of the relay
}

// newKeyTest returns a client that would follow any redirect, and keeps cookies, if the
// library did not decide.
func newKeyTest(t *testing.T, network *wire, base string) *keyTest {
	t.Helper()
	k := &keyTest{T: t, network: network, home: endpointOf(t, network, base)}
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	k.client, err = xiexus.New(
		xiexus.WithAPIKey(testKey), xiexus.WithBaseURL(base), xiexus.WithMaxRetries(0), xiexus.WithInsecureHTTP(), xiexus.WithPrivateAddresses(),
		xiexus.WithHTTPClient(&http.Client{
			Transport: &network.Transport, Jar: jar,
			CheckRedirect: func(*http.Request, []*http.Request) error { return nil },
		}),
		xiexus.WithDownloadTransport(&network.Transport),
	)
	require.NoError(t, err)
	return k
}

// endpointOf returns who receives a request for a URL, by net/http.
func endpointOf(t *testing.T, network *wire, rawURL string) endpoint {
	t.Helper()
	network.respond = func(http.ResponseWriter, *http.Request) {}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, rawURL, http.NoBody)
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: &network.Transport}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	arrived := network.take()
	return arrived[len(arrived)-1].endpoint
}

// TestKey_StaysInItsOrigin sends every kind of request to a relay, and to a CDN, that
// redirect it to a target, or has a task whose video is at the target. The origin of a
// target is not computed: what counts is who receives the request.
func TestKey_StaysInItsOrigin(t *testing.T) {
	config := certificate(t)
	for _, test := range keyTargets {
		t.Run(test.base+" "+test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := newWire(config, nil)
				defer network.close()
				k := newKeyTest(t, network, test.base)
				for _, status := range test.statuses() {
					k.redirectCalls(test.location, status, test.reaches)
					k.redirectDownloads(test, status)
				}
				k.direct(test)
			})
		})
	}
}

// redirectCalls redirects every call that is not a download.
func (k *keyTest) redirectCalls(target string, status int, reaches receiver) {
	k.network.respond = func(w http.ResponseWriter, req *http.Request) {
		w.Header()["Set-Cookie"] = cookies
		const loop = 50
		if !strings.HasSuffix(req.URL.Path, "/moved") && k.network.count() < loop {
			w.Header()["Location"] = []string{target + "/moved"}
			w.WriteHeader(status)
			return
		}
		_, _ = fmt.Fprint(w, `{"task_id":"task","status":"completed"}`)
	}
	for name, call := range keyCalls {
		call(k.Context(), k.client)
		route := fmt.Sprint(status, " from ", name)
		arrived := k.network.take()
		require.NotEmpty(k, arrived, route)
		var want []bool
		moved := false
		for _, a := range arrived {
			want = append(want, true)
			require.Equal(k, k.home, a.endpoint, route)
			if strings.HasSuffix(a.path, "/moved") {
				moved = true
				require.Equal(k, http.MethodGet, a.method, route)
			}
		}
		requireKeyStays(k.T, k.home, arrived, want, route)
		if strings.Contains(name, "Create") {
			require.Len(k, arrived, 1, route)
		} else {
			require.Equal(k, reaches == relayItself, moved, route)
		}
	}
}

// redirectDownloads redirects downloads, along several hops.
func (k *keyTest) redirectDownloads(test keyTarget, status int) {
	const cdn, content, page = "https://cdn.test/a.mp4", "/v1/videos/task/content", "/user/self"
	to, key := test.location, test.reaches == relayItself
	type hops []string
	routes := []struct {
		name, url string // of the video
		hops      hops   // redirects
		want      []bool // who gets the key, if all are reached
	}{
		{"content endpoint", "", hops{to + "/a.mp4"}, []bool{true, key}},
		{"video at the relay", test.base + "/a.mp4", hops{to + "/a.mp4"}, []bool{true, key}},
		{"CDN to content endpoint", cdn, hops{to + content}, []bool{false, key}},
		{"CDN to page", cdn, hops{to + page}, []bool{false, false}},
		{"relay, CDN, content endpoint, CDN", "", hops{cdn, to + content, cdn}, []bool{true, false, key, false}},
		{"relay, CDN, page, CDN", "", hops{cdn, to + page, cdn}, []bool{true, false, false, false}},
		{"relay, target, relay", "", hops{to + page, test.base + page}, []bool{true, key, key}},
	}
	for i, route := range routes {
		if test.relative() && i >= 2 {
			break // it is relative to the CDN
		}
		k.network.respond = k.along(route.hops, status)
		_, err := k.client.Download(k.Context(), taskAt(route.url), new(strings.Builder))
		name := fmt.Sprint(status, " from ", route.name)
		if test.reaches == nobody {
			require.Error(k, err, name)
			before := 1 + indexOf(route.hops, to)
			route.want = route.want[:before]
		} else {
			require.NoError(k, err, name)
		}
		requireKeyStays(k.T, k.home, k.network.take(), route.want, name)
	}
}

// indexOf returns which of some URLs begins with a target.
func indexOf(urls []string, target string) int {
	for i, u := range urls {
		if strings.HasPrefix(u, target) {
			return i
		}
	}
	return -1
}

// along responds with redirects to some URLs, one after the other, and then with a video.
func (k *keyTest) along(urls []string, status int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Set-Cookie"] = cookies
		if n := k.network.count(); n <= len(urls) {
			w.Header()["Location"] = []string{urls[n-1]}
			w.WriteHeader(status)
			return
		}
		w.Header().Set("Content-Type", "video/mp4")
		_, _ = fmt.Fprint(w, tinyVideo)
	}
}

// direct downloads from the target itself. The path of the content endpoint means that of
// the relay, whatever the host.
func (k *keyTest) direct(test keyTarget) {
	if test.relative() {
		return
	}
	k.network.respond = k.along(nil, 0)
	_, err := k.client.Download(k.Context(), taskAt(test.location+"/a.mp4"), new(strings.Builder))
	want := []bool{test.reaches == relayItself}
	if test.reaches == nobody {
		require.Error(k, err)
		want = nil
	}
	requireKeyStays(k.T, k.home, k.network.take(), want, "direct")

	_, _ = k.client.Download(k.Context(), taskAt(test.location+"/v1/videos/task/content"), new(strings.Builder))
	arrived := k.network.take()
	want = nil
	for _, a := range arrived {
		want = append(want, a.endpoint == k.home)
	}
	requireKeyStays(k.T, k.home, arrived, want, "direct, content endpoint")
}
