package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	oasdiffModule  = "github.com/oasdiff/oasdiff@v1.30.0"
	oasdiffTimeout = 2 * time.Minute
)

// finding is a change that oasdiff reports.
type finding struct {
	ID        string `json:"id"`
	Text      string `json:"text"`
	Operation string `json:"operation"` // its method
	Path      string `json:"path"`
}

// oasdiff prints what oasdiff finds that breaks clients of the API itself, whatever
// their language. Without it, as without a network, the report has to do.
func (t *tool) oasdiff(ctx context.Context, r *report) {
	if len(r.changes) == 0 {
		return
	}
	t.say("running oasdiff ...")
	findings, err := t.findings(ctx, r.before, r.after)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		t.say("oasdiff failed, so the report above is all there is: %v", err)
	case len(findings) == 0:
		t.say("oasdiff finds no other change that breaks clients of the API.")
	default:
		t.say("oasdiff finds changes that break clients of the API in any language:\n  %s", strings.Join(findings, "\n  "))
	}
}

// findings returns what oasdiff reports, except for new values of enums, which this client
// accepts.
func (t *tool) findings(ctx context.Context, before, after *openapi3.T) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, oasdiffTimeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "spec")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, document := range map[string]*openapi3.T{"before.json": before, "after.json": after} {
		data, err := document.MarshalJSON()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			return nil, err
		}
	}
	printed, err := t.exec(ctx, dir, "go", "run", oasdiffModule, "breaking", "--auto-upgrade", "--format", "json", "before.json", "after.json")
	if err != nil {
		return nil, fmt.Errorf("%w\n%s", err, failures(printed))
	}
	var found []finding
	if err := json.Unmarshal(printed, &found); err != nil {
		return nil, fmt.Errorf("decoding its output: %w", err)
	}
	var lines []string
	for _, f := range found {
		if f.ID != "response-property-enum-value-added" {
			lines = append(lines, fmt.Sprintf("%s %s: %s", f.Operation, f.Path, f.Text))
		}
	}
	return lines, nil
}
