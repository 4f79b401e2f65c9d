package relay

// These are the only lists of where in a response something may stand. Each is searched from
// its top. A name is that of a member of an object; a path joins several. A list stands for
// its elements, and JSON in a text for itself.

// taskPlaces are the objects that may be the task, from the top of a response. The first two
// are decoded with every response, and come first.
var taskPlaces = []string{
	"output",        // Alibaba's DashScope
	"result",        // relays in front of other software
	"results",       // the same, a list
	"task",          // the same
	"video",         // the same
	"response",      // the same
	"data.data",     // a relay in front of a relay
	"data.task",     // relays that return a list of tasks
	"data.tasks",    // the same
	"data.response", // relays that wrap what they fetched
}

// taskIDPlaces are where a response to a create request names the task as such.
var taskIDPlaces = []string{
	"task_id",             // the OpenAPI document, New API
	"data.task_id",        // New API's envelope, Kling
	"taskId",              // relays written in Java and JavaScript
	"data.taskId",         // the same, in an envelope
	"output.task_id",      // Alibaba's DashScope
	"result.task_id",      // relays in front of other software
	"result.taskId",       // the same
	"task.task_id",        // the same
	"task.id",             // Runway
	"taskID",              // relays written in Go
	"response.task_id",    // relays that wrap what they fetched
	"data.output.task_id", // DashScope, in an envelope
	"data.result.task_id", // relays in front of other software, in an envelope
	"data.task.id",        // the same, in an envelope
	"data.data.task_id",   // a relay in front of a relay
}

// idPlaces are where it may have another ID that serves as the task's.
var idPlaces = []string{
	"id",            // OpenAI, and New API beside task_id
	"data.id",       // the same, in an envelope
	"video_id",      // HeyGen, PixVerse
	"data.video_id", // the same, in an envelope
	"video.id",      // OpenAI, nested
	"output.id",     // relays in front of other software
	"result.id",     // the same
	"job_id",        // the same
	"data.job_id",   // the same, in an envelope
	"jobId",         // relays written in Java and JavaScript
	"videoId",       // the same
	"data",          // an envelope around nothing but the ID
	"result",        // the same, Midjourney's proxies
	"request_id",    // fal; for most others an ID for their log, hence the last
}

// codePlaces are where an error or a failed task may have its code.
var codePlaces = []string{
	"error.code",             // the OpenAPI document, OpenAI
	"fail_reason.code",       // New API, with the JSON of a vendor as the reason
	"fail_reason.error.code", // the same
	"error_code",             // Baidu
	"errorCode",              // relays written in Java and JavaScript
	"failureCode",            // Runway
	"code",                   // New API's envelope; flat errors
	"data.error.code",        // below New API's stored tasks: the error of a vendor
	"output.code",            // Alibaba's DashScope
}

// reasonNames are the members that may explain an error or a failed task. An object among
// them is searched by the same names.
var reasonNames = []string{
	"error",                                         // the OpenAPI document: an object; a text elsewhere
	"fail_reason",                                   // New API's stored tasks: a text, or the JSON of a vendor
	"failReason", "failed_reason", "failure_reason", // Luma and others
	"failure",                                                           // Runway
	"error_message", "errorMessage", "error_msg", "errorMsg", "err_msg", // Baidu and others
	"message",                 // OpenAI's error object, New API's envelope, most vendors
	"msg",                     // relays written in Java
	"detail",                  // FastAPI
	"details",                 // gRPC gateways
	"reason",                  // others
	"task_status_msg",         // Kling
	"base_resp",               // MiniMax
	"status_msg",              // the same, in base_resp
	"raiMediaFilteredReasons", // Gemini and Vertex: the filter's words
	"raiMediaFilteredReason",  // the same
	"promptFeedback",          // Gemini, about the prompt
	"blockReasonMessage",      // the same
	"blockReason",             // the same
	"result_url",              // New API's stored tasks repeat the reason
	"data",                    // below New API's stored tasks: the response of its upstream
	"output",                  // Alibaba's DashScope
	"result",                  // relays in front of other software
	"response",                // Gemini's operations
	"generateVideoResponse",   // Gemini
}

// urlNames are the members that may have the URL of a video. An object among them is
// searched by the same names.
var urlNames = []string{
	"url",                   // the OpenAPI document, New API's realtime tasks
	"result_url",            // New API's stored tasks
	"fail_reason",           // the same, in releases up to early 2026
	"video_url", "videoUrl", // relays in front of other software; Doubao, in content
	"download_url", "downloadUrl", // MiniMax, in file
	"uri",               // Gemini
	"video",             // relays in front of other software; Luma, in assets
	"videos",            // Kling, in task_result
	"output", "outputs", // Replicate: a text or a list; Alibaba's DashScope: an object
	"result", "results", // relays in front of other software
	"content",               // Doubao
	"task_result",           // Kling
	"creations",             // Vidu
	"assets",                // Luma
	"file",                  // MiniMax
	"generations",           // Runway and others
	"metadata",              // New API's /v1/videos/{task_id}: in metadata.url; others repeat the input
	"data",                  // OpenAI's images: a list; below stored tasks: the response of the upstream
	"response",              // Gemini's operations
	"generateVideoResponse", // Gemini
	"generatedSamples",      // the same
	"generatedVideos",       // the same
}
