package main

import (
	"go/version"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// match returns what a pattern matches in a file of the repository.
func match(t *testing.T, file, pattern string) string {
	content, err := os.ReadFile("../../" + file)
	require.NoError(t, err)
	found := regexp.MustCompile(pattern).FindSubmatch(content)
	require.NotNil(t, found, "%s in %s", pattern, file)
	return string(found[1])
}

func TestDockerfile_HasARecentGo(t *testing.T) {
	image := match(t, "Dockerfile", `(?m)^FROM --platform=\$BUILDPLATFORM golang:(\d+\.\d+) AS build$`)
	required := match(t, "go.mod", `(?m)^go (\S+)$`)
	require.GreaterOrEqual(t, version.Compare("go"+image, version.Lang("go"+required)), 0, "%s < %s", image, required)
}

// If the image were built without a file of the commit, the version of the command would say
// that it has changes.
func TestDockerfile_ContextHasEverythingThatIsCommitted(t *testing.T) {
	var ignored []string
	for _, pattern := range patterns(t, ".gitignore") {
		switch pattern = strings.TrimSuffix(pattern, "/"); {
		case strings.HasPrefix(pattern, "/"):
			ignored = append(ignored, pattern[1:])
		default:
			ignored = append(ignored, "**/"+pattern)
		}
	}
	require.Subset(t, ignored, patterns(t, ".dockerignore"))
}

// patterns returns the lines of a file of the repository that are not comments.
func patterns(t *testing.T, file string) []string {
	content, err := os.ReadFile("../../" + file)
	require.NoError(t, err)
	var patterns []string
	for line := range strings.Lines(string(content)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			patterns = append(patterns, line)
		}
	}
	require.NotEmpty(t, patterns)
	return patterns
}
