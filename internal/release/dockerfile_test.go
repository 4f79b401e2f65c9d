package main

import (
	"go/version"
	"os"
	"regexp"
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
	image := match(t, "Dockerfile", `(?m)^FROM golang:(\d+\.\d+) AS build$`)
	required := match(t, "go.mod", `(?m)^go (\S+)$`)
	require.GreaterOrEqual(t, version.Compare("go"+image, version.Lang("go"+required)), 0, "%s < %s", image, required)
}
