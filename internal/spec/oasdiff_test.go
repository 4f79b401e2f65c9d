package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOasdiff_PrintsWhatConcernsThisClient(t *testing.T) {
	const (
		enum     = `{"id":"response-property-enum-value-added","text":"added a value","comment":"declare it","operation":"GET","path":"/v1/tasks"}`
		required = `{"id":"new-required-request-parameter","text":"added the parameter","comment":"declare it","operation":"GET","path":"/v1/tasks"}`
	)
	for name, c := range map[string]struct{ printed, want string }{
		"nothing":      {"[]", "oasdiff finds no other change that breaks clients of the API.\n"},
		"new value":    {"[" + enum + "]", "oasdiff finds no other change"},
		"parameter":    {"[" + enum + "," + required + "]", "in any language:\n  GET /v1/tasks: added the parameter\n"},
		"not readable": {"2 changes", "oasdiff failed, so the report above is all there is: decoding its output"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.oasdiff = c.printed
			require.NoError(t, r.run(t.Context(), options{diff: true, from: save(t, edited(t, "inline.json", `"failed"`, `"failed","archived"`))}))
			require.Contains(t, r.out.String(), c.want)
			require.NotContains(t, r.out.String(), "declare it")
		})
	}
}

func TestOasdiff_IsNotNecessary(t *testing.T) {
	r := newRepository(t)
	r.fail = "go run github.com/oasdiff"
	require.NoError(t, r.run(t.Context(), options{diff: true, from: save(t, edited(t, "inline.json", `"failed"`, `"failed","archived"`))}))
	require.Contains(t, r.out.String(), "oasdiff failed, so the report above is all there is: exit status 1")
}
