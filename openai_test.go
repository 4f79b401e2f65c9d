package xiexus_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// createVideo creates a task as the OpenAI SDKs do, and returns its ID.
func createVideo(t *testing.T, relay *xiexustest.Relay, contentType string, body io.Reader) string {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, relay.BaseURL()+"/v1/videos", body)
	require.NoError(t, err)
	req.Header.Set("Authorization", "Bearer "+relay.APIKey())
	req.Header.Set("Content-Type", contentType)
	res, err := relay.HTTPClient().Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	require.Equal(t, http.StatusOK, res.StatusCode)
	var created struct{ ID, Object, Status string }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&created))
	require.Equal(t, "video", created.Object)
	require.Equal(t, "queued", created.Status)
	return created.ID
}

// videoForm returns a request of the OpenAI SDKs, and its content type.
func videoForm(t *testing.T) (contentType string, body io.Reader) {
	form := new(bytes.Buffer)
	writer := multipart.NewWriter(form)
	for _, field := range [][2]string{{"model", "sora-2"}, {"prompt", "a cat"}, {"seconds", "8"}, {"size", "1280x720"}} {
		require.NoError(t, writer.WriteField(field[0], field[1]))
	}
	file, err := writer.CreateFormFile("input_reference", "first.png")
	require.NoError(t, err)
	_, err = file.Write([]byte("\x89PNG"))
	require.NoError(t, err)
	require.NoError(t, writer.Close())
	return writer.FormDataContentType(), form
}

func videoJSON(*testing.T) (contentType string, body io.Reader) {
	return "application/json", strings.NewReader(`{"model":"sora-2","prompt":"a cat","seconds":"8","size":"1280x720"}`)
}

func TestTaskOfTheOpenAIEndpoint(t *testing.T) {
	for name, request := range map[string]func(*testing.T) (string, io.Reader){"form": videoForm, "JSON": videoJSON} {
		for _, dialect := range xiexustest.AllDialects() {
			t.Run(fmt.Sprintf("%s, %s", name, dialect), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					relay := newRelay(t)
					relay.OnCreate(func(request xiexus.CreateRequest) xiexustest.Script {
						require.Equal(t, []string{"sora-2", "a cat", "8", "1280x720"}, []string{request.Model, request.Prompt, request.Seconds, request.Size})
						return xiexustest.Completes(time.Minute, "", dialect)
					})
					client := newClient(t, relay)
					contentType, body := request(t)
					id := createVideo(t, relay, contentType, body)

					task, err := client.Get(t.Context(), id)
					require.NoError(t, err)
					require.Equal(t, xiexus.StatusQueued, task.Status)
					task, err = client.Wait(t.Context(), id)
					require.NoError(t, err)
					require.Equal(t, xiexus.StatusCompleted, task.Status)
					size, err := client.DownloadFile(t.Context(), task, filepath.Join(t.TempDir(), task.FileName()))
					require.NoError(t, err)
					require.Equal(t, xiexustest.SampleVideo().Size, size)
				})
			})
		}
	}
}

func TestTasksOfTheOpenAIEndpoint_AreReadTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.OnCreate(func(xiexus.CreateRequest) xiexustest.Script {
			return xiexustest.Completes(time.Minute, "", xiexustest.Stored)
		})
		var ids []string
		for range 3 {
			contentType, body := videoJSON(t)
			ids = append(ids, createVideo(t, relay, contentType, body))
		}
		got := collect(t, newClient(t, relay).WaitAll(t.Context(), slices.Values(ids)))
		require.Len(t, got, 3)
		for _, id := range ids {
			require.NoError(t, got[id].Err)
			require.Equal(t, xiexus.StatusCompleted, got[id].Task.Status)
		}
		sizes, _ := batches(relay)
		require.NotEmpty(t, sizes)
		require.Equal(t, 3, sizes[0])
	})
}
