// Package xiexustest provides a fake New API relay for testing programs that use
// package xiexus, as net/http/httptest provides servers.
//
// A [Relay] runs inside the test. Each of its tasks follows a [Script], requests
// go wrong with a [Fault], and [Relay.Options] connects a client to it in memory:
//
//	func TestRender(t *testing.T) {
//		relay := xiexustest.NewRelay(t)
//		relay.Add("task_1", xiexustest.Completes(0, "https://cdn.example.com/a.mp4"))
//		relay.Fail("task_1", xiexustest.Fault{Status: http.StatusBadGateway})
//
//		client, err := xiexus.New(relay.Options()...)
//		if err != nil {
//			t.Fatal(err)
//		}
//		task, err := client.Wait(t.Context(), "task_1") // retries after the 502
//		// ...
//	}
//
// A program that is not a test calls [StartRelay] and closes the relay itself. A
// Relay is also an http.Handler: httptest.NewServer(relay) puts it on a real port,
// for programs in any language.
//
// # Time
//
// A relay reads the clock of package time and uses no sockets, so that it works in
// the bubbles of testing/synctest, where minutes pass at once. Start it inside the
// bubble:
//
//	func TestRenderTakesMinutes(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			relay := xiexustest.NewRelay(t)
//			relay.Add("task_1", xiexustest.Completes(90*time.Second, "https://cdn.example.com/a.mp4"))
//			// client.Wait returns after about 90 seconds of the bubble's time.
//		})
//	}
//
// # What it simulates
//
// Each part stands for something that real relays do, most of it measured on a
// server built from the August 2026 source of New API. The comment on each part
// says which fact it stands for.
//
//   - The four shapes in which relays report the same task: [Dialect].
//   - Stored tasks whose state only changes when the server polls its upstreams:
//     [Ticker].
//   - Errors, HTML pages, lost connections and Retry-After: [Fault] and
//     [TransientFaults].
//   - Tasks that cannot be read for some seconds after they were created, creates
//     that are rejected, and responses to creates that are lost: [Relay.StoreAfter]
//     and [Relay.FailCreates].
//   - Videos on a host that must not see the API key, or on the relay's own route:
//     [CDN] and [Relay.SetContent].
//   - Transfers that are slow, cut or stalled, servers without ranges, and links
//     that expire: [Delivery].
//
// Like real relays, it also responds
//
//   - to a missing or wrong API key with 401, in the language of Accept-Language;
//   - to an unknown task id with 400 and the code task_not_exist;
//   - to an unknown path below /v1 with 404;
//   - to any other path with 200 and an HTML page, as a relay's web site does;
//   - with a request id in the X-Oneapi-Request-Id header of every response.
package xiexustest
