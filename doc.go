// Package xiexus is a client for video generation tasks on api.xiexus.cn and on any
// other relay that runs New API.
//
// A task takes anywhere from seconds to hours. [Client.Create] submits one,
// [Client.Wait] polls it until it is completed or failed, and [Client.DownloadFile]
// saves its video:
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
// Use [Client.WaitAll] for many tasks, [Client.Watch] to follow progress, and
// [Client.Poll] or [Client.PollAll] to schedule the polls yourself.
//
// # Responses
//
// Relays do not behave the way their OpenAPI document says. The document describes one
// shape of a task; New API sends two others, for stored and for realtime tasks, each with
// different status values. Errors come in two shapes, and a gateway may send an HTML page
// instead. This package reads all three shapes of a task, and an older variant of the
// stored one. It recognizes the shape of each response, and returns a [Task] or an
// [*APIError].
//
// # The API key
//
// The key is sent to the origin of the base URL only: not to another host or port, not
// even through a redirect, and not to the server of a video on another origin. It never
// appears in output, logs or errors, unless it is shorter than six characters, as keys
// in tests are: then it is not redacted from what a relay sends.
//
// # Testing your code
//
// Package [github.com/xiexus/xiexus-go/xiexustest] provides an in-memory relay for tests.
// It works in a [testing/synctest] bubble, where waiting for minutes takes no real time.
package xiexus
