package main

import (
	"maps"
	"slices"
	"strings"
)

// change is a difference between two documents in one fact.
type change struct {
	name          string
	before, after *fact // nil if it is not there
	breaking      bool  // code of importers may not build with it, or does something else
	effect        string
}

// compareFacts returns the differences, by name. Of things that are new or gone with all
// that they consist of, only the whole is returned.
func compareFacts(before, after facts) []change {
	names := maps.Clone(before)
	maps.Copy(names, after)
	var changes []change
	for _, name := range slices.Sorted(maps.Keys(names)) {
		c := change{name: name, before: before.get(name), after: after.get(name)}
		switch {
		case c.before == nil:
			c.breaking = before.changesSignature(name, *c.after)
		case c.after == nil:
			c.breaking = !before.isBodyOfComponent(name)
		case c.before.value == c.after.value:
			continue
		default:
			c.breaking = true
		}
		if !slices.ContainsFunc(changes, c.isPartOf) {
			changes = append(changes, c)
		}
	}
	return changes
}

func (f facts) get(name string) *fact {
	if found, ok := f[name]; ok {
		return &found
	}
	return nil
}

// changesSignature reports whether a new thing changes a function in package gen: the
// first parameter that is not in the path brings an argument.
func (f facts) changesSignature(name string, added fact) bool {
	operation, parameter, _ := strings.Cut(name, ", ")
	if added.kind != "parameter" || f.get(operation) == nil {
		return false
	}
	if strings.HasPrefix(parameter, "path ") {
		return true
	}
	for other, o := range f {
		if o.kind == "parameter" && strings.HasPrefix(other, operation+", ") && !strings.HasPrefix(other, operation+", path ") {
			return false
		}
	}
	return true
}

// isBodyOfComponent reports whether a thing is the body of a response that is a component:
// package gen has the component, but no type for the body.
func (f facts) isBodyOfComponent(name string) bool {
	body := f[name]
	return body.kind == "body" && strings.Contains(name, ", response ") && f.get(body.value) != nil
}

// isPartOf reports whether a change follows from that of a whole that is new or gone.
func (c change) isPartOf(whole change) bool {
	rest, ok := strings.CutPrefix(c.name, whole.name)
	if !ok || strings.IndexAny(rest, " .,[#") != 0 {
		return false
	}
	return whole.before == nil && c.before == nil || whole.after == nil && c.after == nil
}

// renamed returns the new name of a field that is gone, if exactly one field of the same
// type is new in the same place, or "".
func renamed(changes []change, gone change) string {
	if gone.after != nil {
		return ""
	}
	var candidates []string
	for _, c := range changes {
		if c.before == nil && parent(c.name) == parent(gone.name) && *kindAndValue(c.after) == *kindAndValue(gone.before) {
			candidates = append(candidates, c.name)
		}
	}
	if len(candidates) != 1 {
		return ""
	}
	return candidates[0][len(parent(gone.name))+1:]
}

func kindAndValue(f *fact) *fact { return &fact{kind: f.kind, value: f.value} }

// parent returns the name of what a field is part of.
func parent(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}
