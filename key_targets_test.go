package xiexus_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go"
)

// receiver is who receives a request for a target.
type receiver int

const (
	nobody      receiver = iota // the URL is rejected
	someoneElse                 // or perhaps the relay, by a name that is not certain to be its own: no key
	relayItself
)

// keyTarget is where a relay with a base URL, or a CDN, leads to.
type keyTarget struct {
	base, name string
	location   string // a URL without its path
	reaches    receiver
}

// relative reports whether the target depends on who redirects there.
func (k keyTarget) relative() bool {
	return k.location == "" || strings.ContainsAny(k.location[:1], `/\`)
}

// statuses are the statuses of redirects to the target. Two are enough for most targets:
// what is followed depends on the status, but not where to.
func (k keyTarget) statuses() []int {
	if k.name == "itself" || k.name == "other host" || k.name == "path only" {
		return []int{301, 302, 303, 307, 308}
	}
	return []int{302, 307}
}

const (
	named     = "https://relay.example.com"
	withPort  = "https://relay.example.com:8443"
	inUnicode = "https://视频.example.com"
	loopback  = "http://127.0.0.1:3000"
	local     = "http://relay.localhost:3000"
	ipv6      = "http://[::1]:3000"
	ipv6Far   = "https://[2001:db8::a]"
)

var keyTargets = []keyTarget{
	{named, "itself", named, relayItself},
	{named, "default port", "https://relay.example.com:443", relayItself},
	{named, "empty port", "https://relay.example.com:", relayItself},
	{named, "upper case", "HTTPS://RELAY.Example.COM", relayItself},
	{named, "user and password", "https://user:pass@relay.example.com", relayItself},
	{named, "path only", "", relayItself},
	{named, "without a scheme", "//relay.example.com", relayItself},
	{named, "three slashes", "///evil.test", relayItself},
	{named, "two backslashes", `\\evil.test`, relayItself},
	{named, "slash and backslash", `/\evil.test`, relayItself},
	{named, "escaped slashes", "/%2f%2fevil.test", relayItself},

	{named, "other scheme", "http://relay.example.com", someoneElse},
	{named, "other scheme, port of https", "http://relay.example.com:443", someoneElse},
	{named, "other port", "https://relay.example.com:8443", someoneElse},
	{named, "port of http", "https://relay.example.com:80", someoneElse},
	{named, "zero before the port", "https://relay.example.com:0443", someoneElse},
	{named, "port modulo 65536", "https://relay.example.com:65979", someoneElse},
	{named, "other host", "https://evil.test", someoneElse},
	{named, "other host without a scheme", "//evil.test", someoneElse},
	{named, "subdomain", "https://a.relay.example.com", someoneElse},
	{named, "parent domain", "https://example.com", someoneElse},
	{named, "sibling", "https://cdn.example.com", someoneElse},
	{named, "longer name", "https://relay.example.com.evil.test", someoneElse},
	{named, "longer first label", "https://a-relay.example.com", someoneElse},
	{named, "final dot", "https://relay.example.com.", someoneElse},
	{named, "two final dots", "https://relay.example.com..", someoneElse},
	{named, "its name as user", "https://relay.example.com@evil.test", someoneElse},
	{named, "its name and port as user and password", "https://relay.example.com:443@evil.test", someoneElse},
	{named, "its name as path", "https://evil.test/https://relay.example.com", someoneElse},
	{named, "its name as query", "https://evil.test?@relay.example.com", someoneElse},
	{named, "its name as fragment", "https://evil.test#@relay.example.com", someoneElse},
	{named, "tab before", "\thttps://evil.test", someoneElse},
	{named, "ideographic full stops", "https://relay。example。com", someoneElse},
	{named, "fullwidth full stops", "https://relay．example．com", someoneElse},
	{named, "fullwidth letters", "https://ｒｅｌａｙ.example.com", someoneElse},
	{named, "soft hyphen", "https://re\u00adlay.example.com", someoneElse},
	{named, "Cyrillic letter", "https://r\u0435lay.example.com", someoneElse},
	{named, "punycode of a Cyrillic letter", "https://xn--rlay-p5d.example.com", someoneElse},

	{named, "other scheme than http", "ftp://relay.example.com", nobody},
	{named, "file", "file://relay.example.com", nobody},
	{named, "no host", "https:///", nobody},
	{named, "port that is not a number", "https://relay.example.com:https", nobody},
	{named, "negative port", "https://relay.example.com:-443", nobody},
	{named, "tab in the name", "https://relay.example.com\t.evil.test", nobody},
	{named, "blank in the name", "https://relay.example.com .evil.test", nobody},
	{named, "NUL in the name", "https://relay.example.com\x00.evil.test", nobody},
	{named, "escaped NUL", "https://relay.example.com%00.evil.test", nobody},
	{named, "escaped letter", "https://%72elay.example.com", nobody},
	{named, "escaped @", "https://relay.example.com%40evil.test", nobody},
	{named, "escaped slash", "https://evil.test%2f.relay.example.com", nobody},
	{named, "backslash in the name", `https://evil.test\.relay.example.com`, nobody},
	{named, "backslash before @", `https://evil.test\@relay.example.com`, nobody},
	{named, "backslashes for slashes", `https:\\evil.test`, nobody},

	{withPort, "itself", withPort, relayItself},
	{withPort, "upper case", "HTTPS://Relay.Example.Com:8443", relayItself},
	{withPort, "default port", named, someoneElse},
	{withPort, "default port, written out", "https://relay.example.com:443", someoneElse},
	{withPort, "zero before the port", "https://relay.example.com:08443", someoneElse},
	{withPort, "port as password", "https://relay.example.com:8443@evil.test:8443", someoneElse},
	{withPort, "other scheme", "http://relay.example.com:8443", someoneElse},

	{inUnicode, "itself", inUnicode, relayItself},
	{inUnicode, "escaped", "https://%E8%A7%86%E9%A2%91.example.com", relayItself},
	{inUnicode, "punycode", "https://xn--5nq03c8x6c.example.com", someoneElse},
	{inUnicode, "other letters", "https://視頻.example.com", someoneElse},

	{loopback, "itself", loopback, relayItself},
	{loopback, "other port", "http://127.0.0.1:3001", someoneElse},
	{loopback, "default port", "http://127.0.0.1", someoneElse},
	{loopback, "zero before the port", "http://127.0.0.1:03000", someoneElse},
	{loopback, "other scheme", "https://127.0.0.1:3000", someoneElse},
	{loopback, "name", "http://localhost:3000", someoneElse},
	{loopback, "final dot", "http://127.0.0.1.:3000", someoneElse},
	{loopback, "other address", "http://127.0.0.2:3000", someoneElse},
	{loopback, "unspecified address", "http://0.0.0.0:3000", someoneElse},
	{loopback, "two parts", "http://127.1:3000", someoneElse},
	{loopback, "hexadecimal part", "http://0x7f.1:3000", someoneElse},
	{loopback, "hexadecimal", "http://0x7f000001:3000", someoneElse},
	{loopback, "decimal", "http://2130706433:3000", someoneElse},
	{loopback, "octal", "http://0177.0.0.1:3000", someoneElse},
	{loopback, "zeros", "http://127.000.000.001:3000", someoneElse},
	{loopback, "circled digits", "http://①②⑦.0.0.1:3000", someoneElse},
	{loopback, "IPv4-mapped", "http://[::ffff:127.0.0.1]:3000", someoneElse},
	{loopback, "IPv6", "http://[::1]:3000", someoneElse},
	{loopback, "its address as user", "http://127.0.0.1:3000@evil.test:3000", someoneElse},

	{local, "itself", "http://Relay.LOCALHOST:3000", relayItself},
	{local, "parent domain", "http://localhost:3000", someoneElse},
	{local, "subdomain", "http://a.relay.localhost:3000", someoneElse},
	{local, "final dot", "http://relay.localhost.:3000", someoneElse},
	{local, "address", loopback, someoneElse},
	{local, "other scheme", "https://relay.localhost:3000", someoneElse},

	{ipv6, "itself", ipv6, relayItself},
	{ipv6, "in full", "http://[0:0:0:0:0:0:0:1]:3000", someoneElse},
	{ipv6, "zeros", "http://[::0001]:3000", someoneElse},
	{ipv6, "zone", "http://[::1%25lo]:3000", someoneElse},
	{ipv6, "IPv4-compatible", "http://[::0.0.0.1]:3000", someoneElse},
	{ipv6, "IPv4", loopback, someoneElse},
	{ipv6, "other port", "http://[::1]:3001", someoneElse},
	{ipv6, "no closing bracket", "http://[::1", nobody},

	{ipv6Far, "upper case and port", "https://[2001:DB8::A]:443", relayItself},
	{ipv6Far, "in full", "https://[2001:db8:0:0:0:0:0:a]", someoneElse},
	{ipv6Far, "zone", "https://[2001:db8::a%25eth0]", someoneElse},
	{ipv6Far, "name", named, someoneElse},
}

// keyCalls are the calls of a client that send requests, except downloads.
var keyCalls = map[string]func(context.Context, *xiexus.Client){
	"Get":    func(ctx context.Context, client *xiexus.Client) { _, _ = client.Get(ctx, "task") },
	"Create": func(ctx context.Context, client *xiexus.Client) { _, _ = client.Create(ctx, pianoCat) },
	"Models": func(ctx context.Context, client *xiexus.Client) { _, _ = client.Models(ctx) },
	"Poll": func(ctx context.Context, client *xiexus.Client) {
		_, _, _ = client.Poll(ctx, xiexus.NewCursor("task"))
	},
	"PollAll": func(ctx context.Context, client *xiexus.Client) {
		client.PollAll(ctx, []xiexus.Cursor{xiexus.NewCursor("task"), xiexus.NewCursor("task_2")})
	},
	"GetAll": func(ctx context.Context, client *xiexus.Client) {
		_ = slices.Collect(client.GetAll(ctx, slices.Values([]string{"task", "task_2"})))
	},
	"WaitAll": func(ctx context.Context, client *xiexus.Client) {
		_ = slices.Collect(client.WaitAll(ctx, slices.Values([]string{"task", "task_2"}), xiexus.WithMaxWait(time.Second)))
	},
	"Wait": func(ctx context.Context, client *xiexus.Client) {
		_, _ = client.Wait(ctx, "task", xiexus.WithMaxWait(time.Second))
	},
	"Watch": func(ctx context.Context, client *xiexus.Client) {
		for task := range client.Watch(ctx, "task", xiexus.WithMaxWait(time.Second)) {
			_ = task
		}
	},
	"API": func(ctx context.Context, client *xiexus.Client) {
		req, err := client.API().RequestGetVideoGeneration(ctx, "task")
		do(client, req, err)
	},
	"API, Create": func(ctx context.Context, client *xiexus.Client) {
		req, err := client.API().RequestCreateVideoGeneration(ctx, "application/json", strings.NewReader("{}"))
		do(client, req, err)
	},
}

// keyCallsAndDownload are all calls that send requests.
func keyCallsAndDownload() map[string]func(context.Context, *xiexus.Client) {
	calls := maps.Clone(keyCalls)
	calls["Download"] = func(ctx context.Context, client *xiexus.Client) {
		_, _ = client.Download(ctx, taskAt(""), new(strings.Builder))
	}
	return calls
}

// do sends a request of the generated client.
func do(client *xiexus.Client, req *http.Request, err error) {
	if err != nil {
		return
	}
	if resp, err := client.API().Client.Do(req); err == nil {
		_ = resp.Body.Close()
	}
}
