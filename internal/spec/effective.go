package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oapi-codegen/oapi-codegen/v2/pkg/util"
)

// load returns a document as the generator sees it: with the overlay. If strict, an
// action of the overlay without a target is an error.
func (t *tool) load(document []byte, strict bool) (*openapi3.T, error) {
	dir, err := os.MkdirTemp("", "spec")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "openapi.json")
	if err := os.WriteFile(file, document, 0o600); err != nil {
		return nil, err
	}
	loaded, err := util.LoadSwaggerWithOverlay(file, util.LoadSwaggerWithOverlayOpts{
		Path:                t.path(overlayFile),
		Strict:              strict,
		AllowRemoteRefsFrom: []string{}, // none
	})
	if err != nil {
		return nil, errors.New(strings.ReplaceAll(err.Error(), file, "openapi.json"))
	}
	return loaded, nil
}

// operationsOf returns the operations of a document that was loaded.
func operationsOf(document *openapi3.T) []operation {
	var all []operation
	for path, item := range document.Paths.Map() {
		for method := range item.Operations() {
			all = append(all, operation{strings.ToLower(method), path})
		}
	}
	slices.SortFunc(all, byPath)
	return all
}

// problem is a selector of the overlay that matches nothing.
type problem struct {
	line     int // in the overlay
	selector string
}

var unmatched = regexp.MustCompile(`selector ("(?:[^"\\]|\\.)*") did not match`)

// overlayProblems returns the selectors of the overlay that match nothing in a document.
// Of those below another, only the first is returned.
func (t *tool) overlayProblems(document []byte) ([]problem, error) {
	_, loadErr := t.load(document, true)
	if loadErr == nil {
		return nil, nil
	}
	overlay, err := os.ReadFile(t.path(overlayFile))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(string(overlay), "\n")
	var problems []problem
	for _, match := range unmatched.FindAllStringSubmatch(loadErr.Error(), -1) {
		selector, err := strconv.Unquote(match[1])
		if err != nil || slices.ContainsFunc(problems, func(p problem) bool { return strings.HasPrefix(selector, p.selector) }) {
			continue
		}
		line := 1 + slices.IndexFunc(lines, func(line string) bool {
			return strings.HasSuffix(line, "target: "+selector) || strings.HasSuffix(line, "copy: "+selector)
		})
		problems = append(problems, problem{line, selector})
	}
	if len(problems) == 0 {
		return nil, fmt.Errorf("the overlay does not fit it: %w", loadErr)
	}
	return problems, nil
}
