package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// report is how the generated code changes with a document.
type report struct {
	kept          document
	notes         []string
	changes       []change
	problems      []problem
	undecided     []string
	before, after *openapi3.T // with the overlay
}

func (r *report) print(out io.Writer) {
	var b strings.Builder
	for _, note := range r.notes {
		fmt.Fprintf(&b, "  %s\n", note)
	}
	r.printChanges(&b)
	for _, p := range r.problems {
		fmt.Fprintf(&b, "%s:%d: %s matches nothing: %s\n", overlayFile, p.line, p.selector, r.advice(p))
	}
	if len(r.problems) > 0 {
		b.WriteString("make spec rejects the document until all targets match.\n")
	}
	if targets := r.undescribed(); len(targets) > 0 {
		fmt.Fprintf(&b, "Describe these targets in English in %s; make check fails until then:\n  %s\n", overlayFile, strings.Join(targets, "\n  "))
	}
	if slices.ContainsFunc(r.changes, change.isStatus) {
		fmt.Fprintf(&b, "Update the texts that explain the statuses: %s, and the descriptions of\n  %s\nin %s.\n",
			strings.Join(readmes, ", "), strings.Join(slices.Sorted(maps.Keys(statusTexts(r.after))), "\n  "), overlayFile)
	}
	if len(r.undecided) > 0 {
		fmt.Fprintf(&b, "It is not known whether these statuses end a task: %s. Until you decide, tasks with them are polled again.\n"+
			"Add each to Translate in %s: to the words for completed or failed if it ends a task, or else to\n"+
			"those for queued or in progress. Tasks are reported with the documented status all the same.\n", strings.Join(r.undecided, ", "), statusFile)
	}
	_, _ = io.WriteString(out, b.String())
}

func (r *report) printChanges(b *strings.Builder) {
	if len(r.changes) == 0 {
		b.WriteString("The generated API does not change.\n")
		return
	}
	b.WriteString("Changes of the generated API:\n")
	for _, c := range r.changes {
		b.WriteString("  " + r.describe(c) + "\n")
	}
	if slices.ContainsFunc(r.changes, func(c change) bool { return c.breaking }) {
		b.WriteString("(!) marks breaking changes: they need a version that may contain them (see Versions in CONTRIBUTING.md),\n" +
			"and an entry in CHANGELOG.md that says what to do.\n")
		return
	}
	b.WriteString("No change breaks programs that use this module, unless they implement gen.ClientInterface or import\n" +
		"gen/server (see Versions in CONTRIBUTING.md).\n")
}

// describe returns a change in words.
func (r *report) describe(c change) string {
	mark := "   "
	if c.breaking {
		mark = "(!)"
	}
	switch {
	case c.before == nil:
		return fmt.Sprintf("%s new %s%s%s", mark, c.title(), parenthesized(c.after.value), c.effect)
	case c.after == nil:
		text := fmt.Sprintf("%s %s is gone", mark, c.title())
		if name := renamed(r.changes, c); name != "" {
			text += fmt.Sprintf(" (renamed to %s?)", name)
		}
		return text
	}
	return fmt.Sprintf("%s %s changed from %s to %s", mark, c.title(), c.before.value, c.after.value)
}

// title returns what has changed.
func (c change) title() string {
	kind := cmp.Or(c.after, c.before).kind
	if kind == "body" {
		operation, content, _ := strings.Cut(c.name, ", ")
		what, mediaType, _ := strings.Cut(content, " ")
		return fmt.Sprintf("%s body for %s, %s", what, operation, mediaType)
	}
	return kind + " " + c.name
}

func parenthesized(value string) string {
	if value == "" {
		return ""
	}
	return " (" + value + ")"
}

// undescribed returns the selectors of what is new and has no description in English.
func (r *report) undescribed() []string {
	added, before := factsOf(r.after), factsOf(r.before)
	maps.DeleteFunc(added, func(name string, _ fact) bool { return before.get(name) != nil })
	return added.undescribed()
}

// advice returns how to repair the overlay.
func (r *report) advice(p problem) string {
	for _, c := range r.changes {
		if c.after == nil && c.before.target == p.selector {
			if name := renamed(r.changes, c); name != "" {
				return fmt.Sprintf("if the field is now %s, use that name here; else delete the action", name)
			}
			return "delete the action, if the field is gone for good"
		}
	}
	return "adapt it to where this is in the document now, or delete the action"
}
