package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	documentFile = "openapi/openapi.json"
	overlayFile  = "openapi/overlay.yaml"

	maxSize      = 64 << 20
	fetchTimeout = time.Minute
)

func (t *tool) path(file string) string { return filepath.Join(t.root, filepath.FromSlash(file)) }

// baseline returns the document to compare with: ours, or, if that is the new one,
// the committed one.
func (t *tool) baseline(ctx context.Context, from string) ([]byte, error) {
	ours := t.path(documentFile)
	if !sameFile(from, ours) {
		return os.ReadFile(ours)
	}
	committed, err := t.exec(ctx, t.root, "git", "show", "HEAD:"+documentFile)
	if err != nil {
		return nil, fmt.Errorf("reading the committed document: %w\n%s", err, failures(committed))
	}
	return committed, nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

// read returns the contents of a file or of a URL, up to maxSize.
func read(ctx context.Context, from string) ([]byte, error) {
	if !strings.HasPrefix(from, "https://") && !strings.HasPrefix(from, "http://") {
		file, err := os.Open(from)
		if err != nil {
			return nil, err
		}
		defer func() { _ = file.Close() }()
		return limited(from, file)
	}
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
