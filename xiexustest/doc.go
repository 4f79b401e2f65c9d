// Package xiexustest provides a fake New API relay for testing programs that use
// package xiexus, much as net/http/httptest provides servers.
//
// A [Relay] runs inside the test. Each of its tasks follows a [Script], a [Fault]
// makes a request fail, and [Relay.Options] connects a client to it in memory:
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
// Programs that are not tests call [StartRelay] and close the relay themselves. A
// Relay is also an http.Handler: httptest.NewServer(relay) serves it on a real port,
// for programs in any language.
//
// # Time
//
// A relay uses the clock of package time and no sockets, so it works in a
// testing/synctest bubble, where minutes pass instantly. Create it inside the bubble:
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
// Each feature models something that real relays do, in most cases measured on a
// server built from the August 2026 source of New API. Its comment describes what it
// models.
//
//   - The shapes in which relays report a task: the two of New API, an older variant
//     of the first, and the documented one, which other servers send: [Dialect].
//   - Stored tasks whose state only changes when the server polls its upstreams:
//     [Ticker].
//   - Many tasks in one response, and relays that refuse such batches:
//     [Relay.RefuseBatches] and [Relay.FailBatches].
//   - Errors, HTML pages, lost connections and Retry-After: [Fault] and
//     [TransientFaults].
//   - Tasks that cannot be read for the first seconds, rejected create requests, and
//     lost responses to create requests: [Relay.StoreAfter] and [Relay.FailCreates].
//   - Videos on a host that must not receive the API key, or on the relay's own
//     endpoint: [CDN] and [Relay.SetContent].
//   - Slow, interrupted or stalled transfers, servers without range support, and
//     URLs that expire: [Delivery].
//
// Like real relays, it also responds
//
//   - to a missing or wrong API key with 401, in the language of Accept-Language;
//   - to a read of an unknown task with 400 and the code task_not_exist;
//   - to a read of many tasks, POST /suno/fetch, with each task that it finds, once, as
//     it is stored: in the shape of [Stored] or [StoredLegacy] whatever its dialects, not
//     in the order of the request, and without querying the upstream of a [Realtime] task;
//     with null if it finds none;
//   - to POST /v1/videos, with JSON or the form that OpenAI SDKs send, like to any other
//     create request, and to GET /v1/videos/{id} with the task in OpenAI's shape;
//   - to an unknown path under /v1 with 404;
//   - to any other path with 200 and an HTML page, as a relay's website does;
//   - with a request ID in the X-Oneapi-Request-Id header of every response.
package xiexustest
