package gen_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

// .ci/mutate runs this test on the code that is generated from changed.json.
func TestRequest_HasOnlyTheOptionalParametersThatAreSet(t *testing.T) {
	req, err := gen.NewGetVideoGenerationRequest("https://relay.example.com", "t", &gen.GetVideoGenerationParams{})
	require.NoError(t, err)
	require.Empty(t, req.URL.RawQuery)
	require.NotContains(t, req.Header, "X-Region")

	lang, limit, verbose, region := "", int64(0), false, "eu"
	req, err = gen.NewGetVideoGenerationRequest("https://relay.example.com", "t", &gen.GetVideoGenerationParams{
		Lang: &lang, Limit: &limit, Verbose: &verbose, XRegion: &region,
	})
	require.NoError(t, err)
	require.Equal(t, "lang=&limit=0&verbose=false", req.URL.Query().Encode())
	require.Equal(t, "eu", req.Header.Get("X-Region"))
}
