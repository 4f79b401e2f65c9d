package main

import (
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"
)

// created matches the targets at which an update creates what is not there: a typo
// below them cannot be noticed there, but where it is used.
var created = regexp.MustCompile(`^\$(\.paths|\.components\.schemas)?$`)

// Whatever the form of the document, a typo in any selector of the overlay is an error.
func TestOverlay_IsStrictInBothForms(t *testing.T) {
	r := newRepository(t)
	overlay := r.read(t, overlayFile)
	d, err := extract(fixture(t, "components.json"))
	require.NoError(t, err)
	kept, _, err := d.keep(operationsOf(mustLoad(t, r)), nil, overlay)
	require.NoError(t, err)
	forms := map[string][]byte{"inline": fixture(t, "inline.json"), "components": kept.raw}

	selectors := regexp.MustCompile(`(?m)^ +(?:- target|copy): (.*)$`).FindAllStringSubmatchIndex(overlay, -1)
	require.Greater(t, len(selectors), 50)
	for _, at := range selectors {
		selector := overlay[at[2]:at[3]]
		if created.MatchString(selector) {
			continue
		}
		typo := misspell(selector)
		r.write(t, overlayFile, []byte(overlay[:at[2]]+typo+overlay[at[3]:]))
		for form, document := range forms {
			_, err := r.load(document, true)
			require.ErrorContains(t, err, typo, form)
		}
	}
}

func mustLoad(t *testing.T, r *repository) *openapi3.T {
	t.Helper()
	loaded, err := r.load(fixture(t, "inline.json"), true)
	require.NoError(t, err)
	return loaded
}

// misspell changes the last name in a selector.
func misspell(selector string) string {
	if name, ok := strings.CutSuffix(selector, "']"); ok {
		return name + "x']"
	}
	return selector + "x"
}
