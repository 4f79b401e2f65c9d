package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

const intro = `# Licenses of what the library and the commands contain

Written by ` + "`go run ./internal/thirdparty`" + `, which accepts only licenses that are compatible with the MIT license of
this module. ` + "`make check`" + ` fails if this list is out of date. Modules that are used only to build and to test are not
listed, because neither the library nor the commands contain them.

*Command* is ` + "`xiexus`, and *fleet* is `xiexus-fleet`" + `. Releases contain the binaries of ` + "`xiexus`" + ` only, with these licenses and a
bill of materials. ` + "`xiexus-fleet`" + ` is built from source: whoever distributes a binary or an image of it must add the
licenses of its modules.

| module | license | contained in |
|---|---|---|
`

// container is something that contains modules.
type container struct {
	name    string
	modules []module
}

// table returns the list of the modules that some containers contain.
func table(containers []container) string {
	licenses, names := map[string]string{}, map[string][]string{}
	for _, c := range containers {
		for _, m := range c.modules {
			licenses[m.path] = m.license
			names[m.path] = append(names[m.path], c.name)
		}
	}
	var page strings.Builder
	page.WriteString(intro)
	for _, path := range slices.Sorted(maps.Keys(names)) {
		name := "`" + path + "`"
		if path == standardLibrary {
			name = "the standard library of Go"
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", name, licenses[path], strings.Join(names[path], ", "))
	}
	return page.String()
}

// writeTexts writes the licenses of modules.
func writeTexts(out io.Writer, modules []module) error {
	line := strings.Repeat("=", 80)
	for _, m := range modules {
		if _, err := fmt.Fprintf(out, "%s\n%s (%s)\n%s\n\n%s\n", line, m.path, m.license, line, m.text); err != nil {
			return err
		}
	}
	return nil
}
