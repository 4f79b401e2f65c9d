package read

import (
	"context"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/bench/plain"
)

// plainClient is the client that oapi-codegen generates from the OpenAPI document by
// default.
func plainClient() (Func, error) {
	client, err := plain.NewClientWithResponses(server,
		plain.WithHTTPClient(&http.Client{Transport: memory(documentedBody)}),
		plain.WithRequestEditorFn(func(_ context.Context, req *http.Request) error {
			req.Header.Set("Authorization", "Bearer "+key)
			return nil
		}))
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) (string, error) {
		resp, err := client.GetVideoGenerationWithResponse(ctx, taskID)
		switch {
		case err != nil:
			return "", err
		case resp.JSON200 == nil:
			return "", badStatus(resp.StatusCode())
		}
		return string(*resp.JSON200.Status), nil
	}, nil
}

// openAI is OpenAI's own client, with a response of OpenAI's API, which is about as
// long as a documented one.
func openAI() (Func, error) {
	client := openai.NewClient(
		option.WithAPIKey(key),
		option.WithBaseURL(server+"/v1"),
		option.WithHTTPClient(&http.Client{Transport: memory(openAIBody)}),
	)
	return func(ctx context.Context) (string, error) {
		//lint:ignore SA1019 Deprecated with the API, but still the closest to our read.
		video, err := client.Videos.Get(ctx, taskID)
		if err != nil {
			return "", err
		}
		return string(video.Status), nil
	}, nil
}

// azure is the pipeline of the Azure SDK with its default policies.
func azure() (Func, error) {
	credential := runtime.NewKeyCredentialPolicy(azcore.NewKeyCredential(key), "Authorization",
		&runtime.KeyCredentialPolicyOptions{Prefix: "Bearer "})
	pipeline := runtime.NewPipeline("bench", "v1.0.0",
		runtime.PipelineOptions{PerRetry: []policy.Policy{credential}},
		&policy.ClientOptions{Transport: &http.Client{Transport: memory(documentedBody)}})
	return func(ctx context.Context) (string, error) {
		req, err := runtime.NewRequest(ctx, http.MethodGet, server+path)
		if err != nil {
			return "", err
		}
		resp, err := pipeline.Do(req)
		if err != nil {
			return "", err
		}
		if !runtime.HasStatusCode(resp, http.StatusOK) {
			return "", runtime.NewResponseError(resp)
		}
		var task gen.VideoTask
		if err := runtime.UnmarshalAsJSON(resp, &task); err != nil {
			return "", err
		}
		return string(task.Status), nil
	}, nil
}

// retryable is go-retryablehttp without its log, which is on by default.
func retryable() (Func, error) {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{Transport: memory(documentedBody)}
	client.Logger = nil
	return func(ctx context.Context) (string, error) {
		req, err := retryablehttp.NewRequestWithContext(ctx, http.MethodGet, server+path, nil)
		if err != nil {
			return "", err
		}
		req.Header.Set("Authorization", "Bearer "+key)
		req.Header.Set("Accept", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return "", err
		}
		body, err := readBody(resp)
		if err != nil {
			return "", err
		}
		return decodeDocumented(body)
	}, nil
}
