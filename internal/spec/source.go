package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	documentFile = "openapi/openapi.json"
	overlayFile  = "openapi/overlay.yaml"

	maxSize      = 64 << 20
	fetchTimeout = time.Minute
)

func (t *tool) path(file string) string { return filepath.Join(t.root, filepath.FromSlash(file)) }

// baseline is the document to compare with, as the generator sees it.
type baseline struct {
	name     string
	document *openapi3.T
	statuses string // the committed statusFile
}

// baseline returns our document or, if that is the new one or cannot be read, the
// committed one.
func (t *tool) baseline(ctx context.Context, from string) (baseline, error) {
	ours := t.path(documentFile)
	if sameFile(from, ours) {
		return t.committed(ctx)
	}
	document, err := os.ReadFile(ours)
	if err != nil {
		return baseline{}, err
	}
	loaded, err := t.loadValid(document)
	if err == nil {
		return baseline{documentFile, loaded, t.committedStatuses(ctx)}, nil
	}
	t.say("ignoring %s, which is not valid: %v", documentFile, err)
	return t.committed(ctx)
}

// loadValid loads a document that may be broken: the errors of extract are clearer than those
// of load.
func (t *tool) loadValid(document []byte) (*openapi3.T, error) {
	if _, err := extract(document); err != nil {
		return nil, err
	}
	return t.load(document, false)
}

func (t *tool) committed(ctx context.Context) (baseline, error) {
	const name = "the last commit of " + documentFile
	printed, err := t.exec(ctx, t.root, "git", "show", "HEAD:"+documentFile)
	if err != nil {
		return baseline{}, fmt.Errorf("reading %s: %w\n%s", name, err, failures(printed))
	}
	loaded, err := t.load(printed, false)
	if err != nil {
		return baseline{}, fmt.Errorf("%s: %w", name, err)
	}
	return baseline{name, loaded, t.committedStatuses(ctx)}, nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// hostAndPort matches the beginning of a URL without a scheme.
var hostAndPort = regexp.MustCompile(`^[^/:]+:[0-9]+(/|$)`)

// read returns the contents of a file or of a URL, up to maxSize.
func read(ctx context.Context, from string) ([]byte, error) {
	scheme, _, isURL := strings.Cut(from, "://")
	switch scheme = strings.ToLower(scheme); {
	case !isURL:
		return readFile(from)
	case scheme != "https" && scheme != "http":
		return nil, fmt.Errorf("%s: only http and https URLs are supported", from)
	}
	return fetch(ctx, from)
}

func readFile(name string) ([]byte, error) {
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) && hostAndPort.MatchString(name) {
		return nil, fmt.Errorf("%w; if it is a URL, add https:// or http://", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return limited(name, file)
}

func fetch(ctx context.Context, from string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, http.NoBody)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", from, resp.Status)
	}
	return limited(from, resp.Body)
}

func limited(from string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err == nil && len(data) > maxSize {
		err = fmt.Errorf("%s: larger than %d MiB", from, maxSize>>20)
	}
	return data, err
}
