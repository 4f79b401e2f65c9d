package main

import (
	"fmt"
	"io"
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
	if len(r.changes) == 0 {
		b.WriteString("The generated API does not change.\n")
	} else {
		b.WriteString("What changes in the generated API:\n")
	}
	for _, c := range r.changes {
		b.WriteString("  " + r.describe(c) + "\n")
	}
	breaking := slices.ContainsFunc(r.changes, func(c change) bool { return c.breaking })
	if len(r.changes) > 0 && !breaking {
		b.WriteString("None of it breaks programs that import this module.\n")
	} else if breaking {
		b.WriteString("(!) breaks programs that use it: it needs a version that may contain breaking changes,\nand an entry in CHANGELOG.md that says what to do.\n")
	}
	for _, p := range r.problems {
		fmt.Fprintf(&b, "%s:%d: %s matches nothing: %s\n", overlayFile, p.line, p.selector, r.advice(p))
	}
	if len(r.undecided) > 0 {
		fmt.Fprintf(&b, "It is not known whether these statuses end a task: %s. Until you decide, tasks with them are polled again.\n"+
			"Add each to Translate in %s: to the words for completed or failed if it ends a task, or else to\n"+
			"those for queued or in progress. Tasks are reported with the documented status all the same.\n", strings.Join(r.undecided, ", "), statusFile)
	}
	_, _ = io.WriteString(out, b.String())
}

// describe returns a change in words.
func (r *report) describe(c change) string {
	mark := "   "
	if c.breaking {
		mark = "(!)"
	}
	switch {
	case c.before == nil:
		return fmt.Sprintf("%s new %s %s%s%s%s", mark, c.after.kind, c.name, parenthesized(c.after.value), c.effect, describeIt(c))
	case c.after == nil:
		text := fmt.Sprintf("%s %s %s is gone", mark, c.before.kind, c.name)
		if name := renamed(r.changes, c); name != "" {
			text += fmt.Sprintf(" (renamed to %s?)", name)
		}
		return text
	}
	return fmt.Sprintf("%s %s %s was %s, is %s", mark, c.after.kind, c.name, c.before.value, c.after.value)
}

func parenthesized(value string) string {
	if value == "" {
		return ""
	}
	return " (" + value + ")"
}

// describeIt asks for a description in English, which becomes the Go doc comment, if
// a new thing has none.
func describeIt(c change) string {
	english := !strings.ContainsFunc(c.after.description, func(r rune) bool { return r > '~' })
	if c.after.kind == "value" || c.after.kind == "body" || c.after.description != "" && english {
		return ""
	}
	return ": describe it in " + overlayFile
}

// advice returns how to repair the overlay.
func (r *report) advice(p problem) string {
	for _, c := range r.changes {
		if c.after == nil && c.name == p.field() {
			if name := renamed(r.changes, c); name != "" {
				return fmt.Sprintf("if the field is now %s, use that name here; else delete the action", name)
			}
			return "delete the action, if the field is gone for good"
		}
	}
	return "adapt it to where this is in the document now, or delete the action"
}
