package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

const intro = `# Licenses of what the library and the command contain

Written by ` + "`go run ./internal/thirdparty`" + `, which accepts only licenses that are compatible with the MIT license of
this module. ` + "`make check`" + ` fails if this list is out of date. Modules that are used only to build and to test are not
listed, because neither the library nor the command contains them.

| module | license | contained in |
|---|---|---|
`

// table returns the list of the modules that the library and the command contain.
func table(inLibrary, inCommand []module) string {
	var page strings.Builder
	page.WriteString(intro)
	for _, m := range inCommand { // all of the library is in it
		name, container := "`"+m.path+"`", "command"
		if m.path == standardLibrary {
			name = "the standard library of Go"
		}
		if slices.ContainsFunc(inLibrary, func(other module) bool { return other.path == m.path }) {
			container = "library, command"
		}
		fmt.Fprintf(&page, "| %s | %s | %s |\n", name, m.license, container)
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
