package main

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// report returns what is printed about a published document.
func (r *repository) report(t *testing.T, published []byte, paths ...string) (*report, string) {
	t.Helper()
	d, err := extract(published)
	require.NoError(t, err)
	base, err := r.baseline(t.Context(), "")
	require.NoError(t, err)
	got, err := r.compare(base, d, paths)
	require.NoError(t, err)
	var out bytes.Buffer
	got.print(&out)
	return got, out.String()
}

const (
	harmless = "No change breaks programs"
	breaking = "(!) marks breaking changes"
)

func TestCompare_NamesEachChange(t *testing.T) {
	for name, c := range map[string]struct {
		edit []string // of inline.json
		want []string
	}{
		"nothing":                 {nil, []string{"The generated API does not change."}},
		"new status":              {[]string{`"failed"`, `"failed","archived"`}, []string{`    new value VideoTask.status = "archived"`, harmless, "It is not known whether these statuses end a task: archived.", "Add each to Translate in internal/relay/status.go", "Update the texts that explain the statuses: README.md, README.zh-CN.md"}},
		"status with a meaning":   {[]string{`"failed"`, `"failed","Cancelled"`}, []string{`(!) new value VideoTask.status = "Cancelled": tasks reported as failed until now will be reported as Cancelled`, breaking}},
		"status that was decided": {[]string{`"failed"`, `"failed","aborted"`}, []string{`    new value VideoTask.status = "aborted"` + "\n", harmless}},
		"new field":               {[]string{`"url"`, `"cover_url":{"type":"string"},"url"`}, []string{"new field VideoTask.cover_url (string)\n", harmless, "Describe these targets in English in openapi/overlay.yaml; make check fails until then:\n  $.components.schemas.VideoTask.properties.cover_url\n"}},
		"new field with a description": {
			[]string{`"url"`, `"cover_url":{"type":"string","description":"First frame."},"url"`},
			[]string{"new field VideoTask.cover_url (string)\n", harmless + " that use this module, unless they implement gen.ClientInterface or import\ngen/server (see Versions in CONTRIBUTING.md).\n"},
		},
		"field of an array": {[]string{`"url"`, `"frames":{"type":"array","description":"Frames.","items":{"type":"object","properties":{"a b":{"type":"string"}}}},"url"`}, []string{"properties.frames.items.properties['a b']\n"}},
		"new object":        {[]string{`"url"`, `"audio":{"properties":{"codec":{"type":"string"}}},"url"`}, []string{"new field VideoTask.audio (object)", harmless, "VideoTask.properties.audio\n  $.components.schemas.VideoTask.properties.audio.properties.codec\n"}},
		"renamed field":     {[]string{`"fps"`, `"frame_rate"`}, []string{"(!) field VideoTask.metadata.fps is gone (renamed to frame_rate?)", "new field VideoTask.metadata.frame_rate (integer)", breaking, "properties.fps matches nothing: if the field is now frame_rate, use that name here", "make spec rejects the document"}},
		"field gone":        {[]string{`,"seed":{"type":"integer"}`, ""}, []string{"(!) field VideoTask.metadata.seed is gone\n", breaking, "properties.seed matches nothing: delete the action, if the field is gone for good"}},
		"status gone":       {[]string{`"in_progress",`, ""}, []string{`(!) value VideoTask.status = "in_progress" is gone`, breaking}},
		"text for a number": {[]string{`"duration":{"type":"number"}`, `"duration":{"type":"string"}`}, []string{"(!) field VideoTask.metadata.duration changed from number to string", breaking}},
		"one of two types":  {[]string{`"code":{"type":"integer"}`, `"code":{"oneOf":[{"type":"string"},{"type":"integer"}]}`}, []string{"(!) field VideoTask.error.code changed from integer to one of string, integer", breaking}},
		"first parameter":   {[]string{`"parameters":[`, `"parameters":[{"name":"verbose","in":"query","schema":{"type":"boolean"}},`}, []string{"(!) new parameter GET /v1/video/generations/{task_id}, query parameter verbose (boolean)", "$.paths['/v1/video/generations/{task_id}'].get.parameters[?@.name == 'verbose']\n"}},
		"new response":      {[]string{`"responses":{`, `"responses":{"402":{"description":"","content":{"application/json":{"schema":{"type":"object","properties":{"balance":{"type":"number"}}}}}},`}, []string{"new response body for GET /v1/video/generations/{task_id}, 402 application/json (object)\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, printed := newRepository(t).report(t, edited(t, "inline.json", c.edit...))
			for _, want := range c.want {
				require.Contains(t, printed, want)
			}
			require.NotContains(t, printed, "VideoTask.audio.codec", "it is part of a whole that is new")
		})
	}
}

// Publishers move parts to components and give them names of their own.
func TestCompare_AcceptsComponentsOfAnyName(t *testing.T) {
	get := `#/components/schemas/`
	for name, edit := range map[string][]string{
		"task":                {get + "VideoTaskResponse", get + "Task", `"VideoTaskResponse":`, `"Task":`},
		"named like ours":     {get + "VideoTaskResponse", get + "VideoTask", `"VideoTaskResponse":`, `"VideoTask":`},
		"metadata":            {get + "VideoTaskMetadata", get + "Metadata", `"VideoTaskMetadata":`, `"Metadata":`},
		"error response":      {get + "ErrorResponse", get + "Problem", `"ErrorResponse":`, `"Problem":`},
		"enum":                {`"status":{"type":"string","enum":["queued","in_progress","completed","failed"],"description":"State of the task."}`, `"status":{"$ref":"#/components/schemas/Status"}`, `"Unused":`, `"Status":{"type":"string","enum":["queued","in_progress","completed","failed"]},"Unused":`},
		"response, parameter": {`"404":{"description":"No such task","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ErrorResponse"}}}}`, `"404":{"$ref":"#/components/responses/NotFound"}`, `"components":{`, `"components":{"responses":{"NotFound":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ErrorResponse"}}}}},`},
	} {
		t.Run(name, func(t *testing.T) {
			got, printed := newRepository(t).report(t, edited(t, "components.json", edit...))
			require.Empty(t, got.problems)
			require.Contains(t, printed, harmless)
		})
	}
}

func TestCompare_RewritesListsOfTypesInVersion30(t *testing.T) {
	got, printed := newRepository(t).report(t, edited(t, "inline.json", "3.1.0", "3.0.3"))
	require.Contains(t, printed, "rewrote lists of types, which OpenAPI 3.0.3 does not have")
	require.Empty(t, got.changes)
	require.NotContains(t, string(got.kept.raw), `"null"`)
}

func TestCompare_NamesTheFileThatDecidesStatuses(t *testing.T) {
	source, err := os.ReadFile("../../" + statusFile)
	require.NoError(t, err)
	require.Contains(t, string(source), "\nfunc Translate(")
}

func TestCompare_NamesTheLineOfTheOverlay(t *testing.T) {
	r := newRepository(t)
	got, _ := r.report(t, edited(t, "inline.json", `"fps"`, `"frame_rate"`))
	require.Len(t, got.problems, 1)
	line := strings.Split(r.read(t, overlayFile), "\n")[got.problems[0].line-1]
	require.Equal(t, "  - target: $.components.schemas.VideoTask.properties.metadata.properties.fps", line)
}

func TestCompare_ReportsOnlyTheFirstOfNestedProblems(t *testing.T) {
	got, _ := newRepository(t).report(t, edited(t, "inline.json", `"metadata"`, `"details"`))
	require.NotEmpty(t, got.problems)
	for _, p := range got.problems {
		require.NotContains(t, p.selector, "properties.width")
	}
}

func TestCompare_ComponentsGiveTheSameAPI(t *testing.T) {
	got, printed := newRepository(t).report(t, fixture(t, "components.json"))
	require.Empty(t, got.problems)
	require.Len(t, got.changes, 3, "responses with errors: %s", printed)
	require.Contains(t, printed, harmless)

	r := newRepository(t)
	r.write(t, documentFile, got.kept.raw)
	back, printed := r.report(t, fixture(t, "inline.json"))
	require.Empty(t, back.problems)
	require.Len(t, back.changes, 3, printed)
	require.Contains(t, printed, harmless)
}

func TestCompare_TakesFieldsOfComponentsThatOnlyTheOverlayNames(t *testing.T) {
	_, printed := newRepository(t).report(t, edited(t, "components.json", `"model":{"type":"string"}`, `"model":{"type":"string"},"style":{"type":"string"}`))
	require.Contains(t, printed, "new field CreateVideoRequest.style (string)")
}

func TestCompare_KeepsWhatTheClientUses(t *testing.T) {
	got, printed := newRepository(t).report(t, fixture(t, "components.json"))
	require.Contains(t, printed, "dropped operations that the client does not use: 2")
	require.Contains(t, printed, `removed the security requirement SessionAndUser of GET /v1/video/generations/{task_id}`)
	require.Contains(t, printed, `dropped security schemes of the type "combination", which OpenAPI does not have: 1`)
	require.Contains(t, printed, "dropped servers, because it was empty")
	require.Contains(t, printed, "dropped 4 of 12 schemas")
	require.Equal(t, string(fixture(t, "kept.json")), string(got.kept.raw))
}

func TestCompare_KeepsMoreOnRequest(t *testing.T) {
	r := newRepository(t)
	got, printed := r.report(t, fixture(t, "components.json"), "/v1/images", "/v1/images/edits")
	require.Contains(t, printed, "new operation POST /v1/images (createImage)")
	require.Contains(t, printed, "removed the operation ID createImage of POST /v1/images/edits: POST /v1/images has it too")
	require.Contains(t, printed, "removed the security requirement SessionAndUser of POST /v1/images")
	require.Contains(t, printed, "new type ImageSize (string)")
	require.NotContains(t, printed, "Unused")
	require.Empty(t, got.problems)

	r.write(t, documentFile, got.kept.raw)
	got, printed = r.report(t, fixture(t, "components.json"))
	require.Empty(t, got.changes, "an operation that was added stays")
	require.NotContains(t, printed, "dropped operations")
	_, printed = r.report(t, fixture(t, "inline.json"))
	require.Contains(t, printed, "(!) operation POST /v1/images is gone")

	d, err := extract(fixture(t, "components.json"))
	require.NoError(t, err)
	base, err := r.baseline(t.Context(), "")
	require.NoError(t, err)
	_, err = r.compare(base, d, []string{"/v1/music"})
	require.EqualError(t, err, "it has no path /v1/music")
}

func TestCompare_FindsOurOperationsInALargeDocument(t *testing.T) {
	var paths strings.Builder
	for i := range 29 {
		fmt.Fprintf(&paths, `"/v1/other/%d":{"post":{"operationId":"other","responses":{"200":{"description":"","content":{"application/json":{"schema":{"$ref":"#/components/schemas/ImageResponse"}}}}}}},`, i)
	}
	large := edited(t, "components.json", `"paths":{`, `"paths":{`+paths.String())
	r := newRepository(t)
	got, printed := r.report(t, large)
	require.Contains(t, printed, "dropped operations that the client does not use: 31")
	small, _ := r.report(t, fixture(t, "components.json"))
	require.Equal(t, string(small.kept.raw), string(got.kept.raw))
}

func TestKeep_RejectsReferencesThatLeadNowhere(t *testing.T) {
	for name, c := range map[string]struct{ ref, problem string }{
		"another file":      {"./task.json#/Task", "it refers to another document, ./task.json#/Task"},
		"another host":      {"https://relay.example.com/task.json", "it refers to another document"},
		"missing component": {"#/components/schemas/Task", "it refers to #/components/schemas/Task, which it does not have"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := extract(edited(t, "components.json", "#/components/schemas/VideoTaskError", c.ref))
			require.NoError(t, err)
			r := newRepository(t)
			base, err := r.baseline(t.Context(), "")
			require.NoError(t, err)
			_, err = r.compare(base, d, nil)
			require.ErrorContains(t, err, c.problem)
		})
	}
}
