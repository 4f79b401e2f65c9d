package xiexus_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

func TestModels_OfTheFakeRelay(t *testing.T) {
	relay := newRelay(t)
	client := newClient(t, relay)
	names, err := client.Models(t.Context())
	require.NoError(t, err)
	require.Empty(t, names)

	relay.SetModels("veo-3", "kling-v1", "veo-3")
	names, err = client.Models(t.Context())
	require.NoError(t, err)
	require.Equal(t, []string{"kling-v1", "veo-3"}, names)

	client, err = xiexus.New(append(relay.Options(), xiexus.WithAPIKey("sk-wrong-key"))...)
	require.NoError(t, err)
	_, err = client.Models(t.Context())
	require.ErrorIs(t, err, xiexus.ErrUnauthorized)
}

func TestModels_Responses(t *testing.T) {
	tests := []struct {
		name, body string
		status     int
		want       []string
		err        string // empty if there is none
		not        error
	}{
		{"as New API sends it", `{"data":[{"id":"b","object":"model","created":1626777600,"owned_by":"kling","supported_endpoint_types":["openai"]},{"id":"a","owned_by":null}],"object":"list","success":true}`, 200, []string{"a", "b"}, "", nil},
		{"odd entries", `{"data":[{"id":7},{"name":"x"},{"id":""}]}`, 200, []string{"7"}, "", nil},
		{"empty", `{"data":[],"object":"list"}`, 200, nil, "", nil},
		{"no list", `{"object":"list"}`, 200, nil, "200 OK: no list of models in the response", nil},
		{"page", `<html></html>`, 200, nil, "the base URL is probably wrong", nil},
		{"no such endpoint", `{"error":{"message":"Invalid URL (GET /v1/models)","type":"invalid_request_error"}}`, 404, nil, "Invalid URL", xiexus.ErrTaskNotFound},
		{"forbidden", `{"error":{"message":"no","type":"new_api_error"}}`, 403, nil, "403", xiexus.ErrTaskNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			client := clientOf(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				if test.body[0] == '<' {
					w.Header().Set("Content-Type", "text/html")
				}
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			names, err := client.Models(t.Context())
			if test.err == "" {
				require.NoError(t, err)
				require.Equal(t, test.want, names)
				return
			}
			require.ErrorContains(t, err, test.err)
			var response *xiexus.APIError
			require.ErrorAs(t, err, &response)
			if test.not != nil {
				require.NotErrorIs(t, err, test.not)
			}
		})
	}
}
