package main

import (
	"context"
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

// oasdiff prints what oasdiff finds that breaks clients of the API itself, whatever
// their language. Without it, as without a network, the report has to do.
func (t *tool) oasdiff(ctx context.Context, r *report) {
	if len(r.changes) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, oasdiffTimeout)
	defer cancel()
	dir, err := os.MkdirTemp("", "spec")
	if err != nil {
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, document := range map[string]*openapi3.T{"before.json": r.before, "after.json": r.after} {
		data, err := document.MarshalJSON()
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), data, 0o600)
		}
		if err != nil {
			t.say("oasdiff was not run: %v", err)
			return
		}
	}
	printed, err := t.exec(ctx, dir, "go", "run", oasdiffModule, "breaking", "--auto-upgrade", "--format", "singleline", "before.json", "after.json")
	if err != nil {
		t.say("oasdiff was not run: %v\n%s", err, failures(printed))
		return
	}
	t.say("oasdiff, about clients of any kind (this one accepts new values and fields):\n%s", "  "+strings.ReplaceAll(strings.TrimSpace(string(printed)), "\n", "\n  "))
}
