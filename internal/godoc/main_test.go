package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const generated = "package gen\n" + `
// Values of Color.
const (
	ColorRed Color = "red"
)

// Defines values for VideoTaskStatus.
const (
	VideoTaskStatusQueued  VideoTaskStatus = "queued"
	VideoTaskStatusUnknown VideoTaskStatus = "unknown"
)

// CreateVideoRequest describes a video. See [CreateVideoRequest.Model].
type CreateVideoRequest struct {
	// Model is one of ` + "`fast`" + ` and ` + "`good`" + `
	Model string ` + "`json:\"model\"`" + `
}

// VideoTask is a task.
type VideoTask struct {
	Parts  []VideoTask_Part ` + "`json:\"parts\"`" + `
	Status *VideoTaskStatus ` + "`json:\"status,omitempty\"`" + `
}

// VideoTask_Part is a part of a video.
type VideoTask_Part struct {
	Index int64 ` + "`json:\"index\"`" + `
}

// VideoTaskStatus is a state.
type VideoTaskStatus string

// Color has nothing to do with a task.
type Color string

func (c Color) Valid() bool { return c == ColorRed }
`

const wanted = header + `
// Defines values for VideoTaskStatus.
const (
	// StatusQueued is the [VideoTaskStatus] "queued".
	StatusQueued = gen.VideoTaskStatusQueued
)

// CreateRequest describes a video. See [CreateRequest.Model].
//
//	type CreateRequest struct {
//		// Model is one of ` + "`fast`" + ` and ` + "`good`" + `
//		Model string
//	}
type CreateRequest = gen.CreateVideoRequest

// VideoTask is a task.
//
//	type VideoTask struct {
//		Parts  []VideoTaskPart
//		Status *VideoTaskStatus
//	}
type VideoTask = gen.VideoTask

// VideoTaskPart is a part of a video.
//
//	type VideoTaskPart struct {
//		Index int64
//	}
type VideoTaskPart = gen.VideoTask_Part

// VideoTaskStatus is a state.
type VideoTaskStatus = gen.VideoTaskStatus
`

func TestGenerate_ShowsFieldsAndEnumValues(t *testing.T) {
	models, err := generate([]byte(generated), "VideoTask", "CreateVideoRequest")
	require.NoError(t, err)
	require.Equal(t, wanted, string(models))
}

func TestGenerate_NamesAMissingType(t *testing.T) {
	_, err := generate([]byte(generated), "VideoTask", "Picture")
	require.EqualError(t, err, "the generated client does not declare Picture")
}

func TestGenerate_RejectsInvalidSource(t *testing.T) {
	_, err := generate([]byte("package"), "VideoTask")
	require.Error(t, err)
}
