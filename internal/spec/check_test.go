package main

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// described returns an overlay that describes everything in inline.json.
func described(t *testing.T) string {
	t.Helper()
	r := newRepository(t)
	loaded, err := r.load(fixture(t, "inline.json"), true)
	require.NoError(t, err)
	const statuses = `'"queued", "in_progress", "completed", "failed"'`
	overlay := []string{strings.TrimSpace(r.read(t, overlayFile))}
	for _, target := range factsOf(loaded).undescribed() {
		overlay = append(overlay, "  - target: "+target, "    update: {description: is described, summary: is described}")
	}
	for target := range statusTexts(loaded) {
		overlay = append(overlay, "  - target: "+target, "    update: {description: "+statuses+"}")
	}
	return strings.Join(overlay, "\n")
}

func TestCheck_NamesWhatNobodyHasDescribed(t *testing.T) {
	overlay := described(t)
	for name, c := range map[string]struct {
		edit     []string // of inline.json
		files    map[string]string
		problems []string // none if there are none
	}{
		"everything described": {},
		"Latin letters":        {files: map[string]string{"gen/client.gen.go": "// A café – a place.\n"}},
		"new field":            {edit: []string{`"url"`, `"cover_url":{"type":"string"},"url"`}, problems: []string{"openapi/overlay.yaml: describe $.components.schemas.VideoTask.properties.cover_url in English"}},
		"Chinese description":  {edit: []string{`"url"`, `"cover_url":{"type":"string","description":"封面"},"url"`}, problems: []string{"VideoTask.properties.cover_url in English"}},
		"new parameter":        {edit: []string{`"parameters":[`, `"parameters":[{"name":"lang","in":"query","schema":{"type":"string"}},`}, problems: []string{"get.parameters[?@.name == 'lang'] in English"}},
		"Chinese example":      {files: map[string]string{"models.gen.go": "package xiexus\n// Example: 猫\n"}, problems: []string{"models.gen.go:2: describe this in English in openapi/overlay.yaml: // Example: 猫"}},
		"new status": {edit: []string{`"failed"`, `"failed","archived"`}, problems: []string{
			"README.md: add archived to the list of statuses", "README.zh-CN.md: add archived",
			"the description of $.components.schemas.VideoTask.properties.status does not say what \"archived\" means",
			"the description of $.paths['" + taskPath + "'].get does not say what \"archived\" means",
		}},
		"status gone":       {edit: []string{`,"failed"`, ""}, problems: []string{"README.md: remove failed from the list of statuses"}},
		"no list":           {files: map[string]string{"README.md": "queued"}, problems: []string{"README.md: add queued", "README.md: add unknown"}},
		"no overlay target": {edit: []string{`"fps"`, `"frame_rate"`}, problems: []string{"properties.fps"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.write(t, overlayFile, []byte(overlay))
			r.write(t, documentFile, edited(t, "inline.json", c.edit...))
			r.write(t, "README.md", []byte("It is `queued`, `in_progress`, `completed`, `failed`, or `unknown`."))
			r.write(t, "README.zh-CN.md", []byte("是 `queued`、`in_progress`、`completed`、`failed` 或 `unknown`。"))
			for _, name := range generatedFiles {
				r.write(t, name, []byte("package gen\n"))
			}
			for name, text := range c.files {
				r.write(t, name, []byte(text))
			}
			err := r.run(t.Context(), options{check: true})
			if len(c.problems) == 0 {
				require.NoError(t, err)
			}
			for _, problem := range c.problems {
				require.ErrorContains(t, err, problem)
			}
		})
	}
}

func TestCheck_NeedsAllFiles(t *testing.T) {
	r := newRepository(t)
	require.ErrorIs(t, r.run(t.Context(), options{check: true}), os.ErrNotExist)
}
