package openapi_test

import (
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/openapi"
)

func TestDocument_IsThePublishedOne(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(openapi.Document())
	require.NoError(t, err)
	require.Regexp(t, `^3\.[01]\.`, document.OpenAPI)
	require.NotNil(t, document.Paths.Value("/v1/video/generations/{task_id}").Get)
}

func TestDocument_ReturnsACopy(t *testing.T) {
	first := openapi.Document()
	first[0] = 'x'
	require.Equal(t, byte('{'), openapi.Document()[0])
}
