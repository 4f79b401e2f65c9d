package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// changes are what differs between two states of an API, as lines that begin with "-" if
// they were removed and with "+" if they were added.
type changes struct {
	breaking []string // with what takes the place of a removed line
	added    []string
}

// compare returns what has changed. Every line that is gone breaks importers.
func compare(before, now []string) changes {
	var c changes
	gone := map[string]bool{}
	for _, line := range before {
		if line != "" && !slices.Contains(now, line) {
			gone[subject(line)] = true
			c.breaking = append(c.breaking, "-"+line)
		}
	}
	for _, line := range now {
		switch {
		case slices.Contains(before, line):
		case gone[subject(line)]:
			c.breaking = append(c.breaking, "+"+line)
		default:
			c.added = append(c.added, "+"+line)
		}
	}
	slices.SortStableFunc(c.breaking, func(a, b string) int { return strings.Compare(subject(a[1:]), subject(b[1:])) })
	return c
}

// subject returns what a line declares: its first words up to the name.
func subject(line string) string {
	kind, rest, _ := strings.Cut(line, " ")
	if kind == "method" {
		receiver, method, _ := strings.Cut(rest, ") ")
		name, _, _ := strings.Cut(method, "(")
		return kind + strings.TrimLeft(receiver, "(*") + "." + name
	}
	name, _, _ := strings.Cut(rest, " ")
	name, _, _ = strings.Cut(name, "(")
	return kind + " " + name
}

func (c changes) plus(others changes) changes {
	return changes{slices.Concat(c.breaking, others.breaking), slices.Concat(c.added, others.added)}
}

// write lists changes of a package.
func (c changes) write(out io.Writer, name string) {
	for _, group := range []struct {
		title string
		lines []string
	}{{"breaking changes", c.breaking}, {"additions", c.added}} {
		if len(group.lines) > 0 {
			_, _ = fmt.Fprintf(out, "%s, %s:\n%s\n", name, group.title, strings.Join(group.lines, "\n"))
		}
	}
}
