package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// inlineUnnamed replaces references to components that the overlay does not name, in the
// operation that the overlay describes in detail, by what they refer to: whatever a
// publisher calls them, the overlay finds their parts in the place where they are used.
// References of components to themselves remain.
func (d document) inlineUnnamed(overlay string) ([]string, error) {
	paths, _ := d.root["paths"].(object)
	i := inliner{document: d, overlay: overlay, inlined: map[string]bool{}}
	replaced, err := i.visit(paths[taskPath], nil)
	if err != nil || len(i.inlined) == 0 {
		return nil, err
	}
	paths[taskPath] = replaced
	names := strings.Join(slices.Sorted(maps.Keys(i.inlined)), ", ")
	return []string{fmt.Sprintf("put components that %s does not name where they are used: %s", overlayFile, names)}, nil
}

type inliner struct {
	document
	overlay string
	inlined map[string]bool
}

// visit returns a part of a document with references replaced. It is given the references
// that led to it.
func (i inliner) visit(value any, from []string) (any, error) {
	var err error
	switch value := value.(type) {
	case object:
		ref, ok := value["$ref"].(string)
		if !ok {
			for name, child := range value {
				if value[name], err = i.visit(child, from); err != nil {
					return nil, err
				}
			}
			return value, nil
		}
		if slices.Contains(from, ref) {
			return value, nil
		}
		target, err := i.resolve(ref)
		if err != nil {
			return nil, err
		}
		from = append(slices.Clone(from), ref)
		if i.named(ref) {
			_, err := i.visit(target, from) // in place
			return value, err
		}
		i.inlined[ref] = true
		return i.visit(clone(target), from)
	case []any:
		for index, child := range value {
			if value[index], err = i.visit(child, from); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// named reports whether the overlay names a component.
func (i inliner) named(ref string) bool {
	name, ok := strings.CutPrefix(ref, "#/components/schemas/")
	return ok && regexp.MustCompile(`components\.schemas\.`+regexp.QuoteMeta(name)+`\b`).MatchString(i.overlay)
}

// clone returns a copy of decoded JSON.
func clone(value any) any {
	data, _ := json.Marshal(value) // as encode
	d, err := decode([]byte(`{"value":` + string(data) + "}"))
	if err != nil {
		return value
	}
	return d.root["value"]
}
