// Package xiexus is a client for video generation tasks on api.xiexus.cn and on any
// other relay that runs New API.
//
// A task takes from seconds to hours. [Client.Create] submits one, [Client.Wait] polls
// it until it is completed or failed, and [Client.DownloadFile] saves its video:
//
//	client, err := xiexus.New() // reads the key from XIEXUS_API_KEY
//	if err != nil {
//		return err
//	}
//	task, err := client.Create(ctx, xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat on a piano"})
//	if err != nil {
//		return err // a *CreateUncertainError if the relay may have accepted it
//	}
//	task, err = client.Wait(ctx, task.TaskID)
//	if err != nil {
//		return err // a *TaskFailedError, or a *WaitError that wraps the reason
//	}
//	_, err = client.DownloadFile(ctx, task, task.FileName())
//
// For many tasks there is [Client.WaitAll], for progress [Client.Watch], and for
// programs that schedule the polls themselves [Client.Poll].
//
// # Responses
//
// Relays do not respond as their OpenAPI document says: a task comes in three shapes
// with three sets of status values, an error in two, and a gateway may send an HTML
// page instead. This package reads all of them, response by response, and returns one
// type of [Task] and one type of error, [*APIError].
//
// # The API key
//
// The key is sent to the origin of the base URL only. It is not sent to another port,
// along a redirect, or to the server of a video, and it is never printed, logged, or
// part of an error.
//
// # Testing your code
//
// Package [github.com/xiexus/xiexus-go/xiexustest] is a relay in memory, made for tests.
// It works in a [testing/synctest] bubble, where a wait of minutes takes no time:
//
//	func TestMyCode(t *testing.T) {
//		synctest.Test(t, func(t *testing.T) {
//			relay := xiexustest.NewRelay(t)
//			relay.Add("task_1", xiexustest.Completes(5*time.Minute, "https://cdn.example.com/1.mp4"))
//			relay.Fail("task_1", xiexustest.Fault{Status: 502})
//
//			client, err := xiexus.New(relay.Options()...)
//			// …
//		})
//	}
package xiexus
