package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
	"github.com/stretchr/testify/require"
)

// created matches the targets at which an update creates what is not there: a typo
// below them cannot be noticed there, but where it is used.
var created = regexp.MustCompile(`^\$(\.paths|\.components\.schemas)?$`)

// Whatever the form of the document, a typo in any selector of the overlay is an error.
func TestOverlay_IsStrictInBothForms(t *testing.T) {
	data, err := os.ReadFile("../../../openapi/overlay.yaml")
	require.NoError(t, err)
	overlay := string(data)
	dir := t.TempDir()
	forms := []string{filepath.Join(dir, "inline.json"), filepath.Join(dir, "components.json")}
	document, err := os.ReadFile("../../../openapi/openapi.json")
	require.NoError(t, err)
	for _, form := range forms {
		varied, err := variation(document, variations[filepath.Base(form)])
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(form, varied, 0o600))
	}
	apply := func(form, overlay string) error {
		file := filepath.Join(dir, "overlay.yaml")
		require.NoError(t, os.WriteFile(file, []byte(overlay), 0o600))
		_, err := util.LoadSwaggerWithOverlay(form, util.LoadSwaggerWithOverlayOpts{Path: file, Strict: true})
		return err
	}

	selectors := regexp.MustCompile(`(?m)^ +(?:- target|copy): (.*)$`).FindAllStringSubmatchIndex(overlay, -1)
	require.Greater(t, len(selectors), 50)
	for _, form := range forms {
		require.NoError(t, apply(form, overlay))
		for _, at := range selectors {
			selector := overlay[at[2]:at[3]]
			if created.MatchString(selector) {
				continue
			}
			typo := misspell(selector)
			require.ErrorContains(t, apply(form, overlay[:at[2]]+typo+overlay[at[3]:]), typo, form)
		}
	}
}

// misspell changes the last name in a selector. Of a selector of several values, that is the
// one before them.
func misspell(selector string) string {
	if name, values, ok := strings.Cut(selector, "[?"); ok && strings.Contains(values, "||") {
		return name + "x[?" + values
	}
	if name, ok := strings.CutSuffix(selector, "']"); ok {
		return name + "x']"
	}
	return selector + "x"
}
