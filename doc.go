// Package xiexus is a client for video generation tasks on api.xiexus.cn and on
// any other relay that runs New API.
//
// A task is made by a relay and takes from seconds to hours. Create submits one,
// Wait asks for it until it is completed or failed, and DownloadFile brings its
// video home:
//
//	client, err := xiexus.New() // the key is read from XIEXUS_API_KEY
//	if err != nil {
//		return err
//	}
//	task, err := client.Create(ctx, xiexus.CreateRequest{Model: "kling-v1", Prompt: "a cat on a piano"})
//	if err != nil {
//		return err // a *CreateUncertainError where the relay may have taken it
//	}
//	task, err = client.Wait(ctx, task.TaskID)
//	if err != nil {
//		return err // a *TaskFailedError, or a *WaitError that wraps the reason
//	}
//	_, err = client.DownloadFile(ctx, task, task.FileName())
//
// Relays do not answer what their document says: they have three shapes for one
// task, three vocabularies, two envelopes for errors, and pages of HTML. This
// package reads all of them, answer by answer, and gives one Task and one kind
// of error.
//
// A question goes this way: Get or Wait, then the request that package gen
// builds from the document, then the key, the network, a limit on the answer's
// size, and internal/relay, which says what the answer is. Trying again stands
// outside all that, because an answer can still be cut off while it is read.
// Videos go through internal/fetch, which minds where their addresses lead.
//
// The key goes to the origin of the base URL and nowhere else, and is never
// printed, logged or kept in an error.
package xiexus
