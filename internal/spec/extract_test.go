package main

import (
	"html"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"
	"github.com/stretchr/testify/require"
)

func TestExtract_FindsTheDocument(t *testing.T) {
	inline := string(fixture(t, "inline.json"))
	example := `{"task_id": "a", "status": "queued", "nested": {"url": "{"}}`
	converted, err := yaml.JSONToYAML([]byte(inline))
	require.NoError(t, err)
	want, err := decode([]byte(inline))
	require.NoError(t, err)

	for name, offered := range map[string]string{
		"JSON":                 inline,
		"byte order mark":      "\ufeff" + inline,
		"page":                 "Get {task_id}\nResponse:" + inline + "\nCopy",
		"page with an example": "{}" + example + "\n\n" + inline + "\n" + example,
		"the same twice":       inline + "\n" + inline,
		"another API's too":    `{"openapi": "3.1.0", "info": {}, "paths": {"/pets": {"get": {}}}}` + inline,
		"HTML":                 "<p>{</p><pre><code>" + html.EscapeString(inline) + "</code></pre>",
		"highlighted HTML":     "<pre>" + strings.ReplaceAll(html.EscapeString(inline), "3.1.0", "<i>3.1.0</i>") + "</pre>",
		"script":               `<script>let x = {a: 1}</script><script type="application/json">` + inline + "</script>",
		"inside of a response": `{"code": 0, "data": {"document": ` + inline + "}}",
		"YAML":                 string(converted),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := extract([]byte(offered))
			require.NoError(t, err)
			require.Equal(t, want.root, got.root)
			if name != "YAML" {
				require.Equal(t, inline, string(got.raw))
			}
		})
	}
}

func TestExtract_SaysWhyThereIsNone(t *testing.T) {
	inline := string(fixture(t, "inline.json"))
	for name, c := range map[string]struct{ offered, problem string }{
		"empty":               {"", "is empty"},
		"byte order mark":     {"\ufeff", "is empty"},
		"other text":          {"<html>{not this}</html>", "contains no OpenAPI document (JSON or YAML)"},
		"UTF-16":              {"\xff\xfe{\x00", "not UTF-8 text"},
		"cut off":             {inline[:len(inline)-9], "the JSON that begins on line 1 is cut off"},
		"cut off in a page":   {"Task\n" + inline[:500] + "\n", "the JSON that begins on line 2 is cut off"},
		"in a character":      {strings.Replace(inline, "Video tasks", "视频", 1)[:strings.Index(inline, "Video tasks")+1], "the JSON that begins on line 1 is cut off"},
		"Latin-1":             {strings.Replace(inline, "Video tasks", "\xe9t\xe9", 1), "not UTF-8 text"},
		"not JSON":            {strings.Replace(inline, `"info"`, `info`, 1), "line 3 is not JSON"},
		"invalid YAML":        {"openapi: 3.1.0\npaths: [", "it is not YAML"},
		"Swagger":             {`{"swagger": "2.0", "paths": {}}`, `it is not an OpenAPI document of version 3.0 or 3.1, but "2.0"`},
		"a later version":     {strings.Replace(inline, "3.1.0", "4.0.0", 1), `but "4.0.0"`},
		"different documents": {inline + strings.Replace(inline, `"seed"`, `"noise"`, 1), "2 different documents in it have GET " + taskPath},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := extract([]byte(c.offered))
			require.ErrorContains(t, err, c.problem)
		})
	}
}
