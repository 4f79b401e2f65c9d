package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// module is a third-party module.
type module struct {
	path    string
	license string // as SPDX names it
	text    string // of all files about the license
}

// standardLibrary is the module path of the standard library in vulnerability databases.
const standardLibrary = "std"

// platforms are those that a release is built for.
var platforms = []string{"linux", "darwin", "windows"}

// modulesOf returns the third-party modules whose packages a package of ours contains on any
// platform, and the standard library, ordered by path.
func modulesOf(ctx context.Context, pkg string) ([]module, error) {
	home, err := directoryOf(ctx, pkg)
	if err != nil {
		return nil, err
	}
	directories := map[string]string{}
	for _, platform := range platforms {
		list := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}}\t{{.Dir}}{{end}}{{end}}", pkg)
		list.Dir = home
		list.Env = append(os.Environ(), "GOOS="+platform, "CGO_ENABLED=0")
		list.Stderr = os.Stderr
		listed, err := list.Output()
		if err != nil {
			return nil, fmt.Errorf("go list %s for %s: %w", pkg, platform, err)
		}
		for line := range strings.Lines(string(listed)) {
			path, directory, _ := strings.Cut(strings.TrimSpace(line), "\t")
			directories[path] = directory
		}
	}
	root, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("go env GOROOT: %w", err)
	}
	directories[standardLibrary] = strings.TrimSpace(string(root))
	delete(directories, "")
	delete(directories, library) // in other modules than its own

	var modules []module
	for path, directory := range directories {
		m, err := read(path, directory)
		if err != nil {
			return nil, err
		}
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b module) int { return strings.Compare(a.path, b.path) })
	return modules, nil
}

// directoryOf returns the directory of one of our packages, which may be in a module of its own.
func directoryOf(ctx context.Context, pkg string) (string, error) {
	root, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}", library).Output()
	if err != nil {
		return "", fmt.Errorf("go list -m %s: %w", library, err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), strings.TrimPrefix(pkg, library)), nil
}

// read reads the license of a module from its directory.
func read(path, directory string) (module, error) {
	m := module{path: path}
	entries, err := os.ReadDir(directory)
	if err != nil {
		return m, fmt.Errorf("%s: %w", path, err)
	}
	for _, entry := range entries {
		if !isAboutLicense(entry.Name()) {
			continue
		}
		content, err := os.ReadFile(filepath.Join(directory, entry.Name()))
		if err != nil {
			return m, fmt.Errorf("%s: %w", path, err)
		}
		m.text += strings.ReplaceAll(strings.TrimSpace(string(content)), "\r\n", "\n") + "\n"
	}
	if m.license, err = identify(m.text); err != nil {
		return m, fmt.Errorf("the license of %s, in %s: %w", path, directory, err)
	}
	return m, nil
}

// isAboutLicense reports whether a file of this name must be distributed with a module.
func isAboutLicense(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"license", "licence", "unlicense", "copying", "notice", "patents"}, func(start string) bool {
		return strings.HasPrefix(name, start) && filepath.Ext(name) != ".go"
	})
}
