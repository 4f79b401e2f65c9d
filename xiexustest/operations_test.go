package xiexustest

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOnlyImplemented_RejectsOperationsThatJoinLater(t *testing.T) {
	never := func(context.Context, http.ResponseWriter, *http.Request, any) (any, error) {
		panic("called")
	}
	resp := httptest.NewRecorder()
	result, err := onlyImplemented(never, "CreateImage")(t.Context(), resp, nil, nil)
	require.NoError(t, err)
	require.Nil(t, result)
	require.Equal(t, http.StatusNotImplemented, resp.Code)
	require.Contains(t, resp.Body.String(), "CreateImage")
}
