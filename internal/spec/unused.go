package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// dropUnused removes components and tags that nothing refers to, webhooks, and servers
// if the document names none.
func (d document) dropUnused() ([]string, error) {
	var notes []string
	if servers, ok := d.root["servers"].([]any); ok && len(servers) == 0 {
		delete(d.root, "servers")
		notes = append(notes, "dropped servers, because it was empty")
	}
	if d.root["webhooks"] != nil {
		delete(d.root, "webhooks")
		notes = append(notes, "dropped webhooks")
	}
	d.dropTags()
	used, err := d.components()
	if err != nil {
		return nil, err
	}
	components, _ := d.root["components"].(object)
	for _, kind := range slices.Sorted(maps.Keys(components)) {
		named, ok := components[kind].(object)
		if !ok || kind == "securitySchemes" {
			continue
		}
		all := len(named)
		maps.DeleteFunc(named, func(name string, _ any) bool { return !used["#/components/"+kind+"/"+escape(name)] })
		if dropped := all - len(named); dropped > 0 {
			notes = append(notes, fmt.Sprintf("dropped %d of %d %s that nothing here refers to", dropped, all, kind))
		}
		if all > 0 && len(named) == 0 {
			delete(components, kind)
		}
	}
	return notes, nil
}

// components returns the references to components from the paths, and from there.
func (d document) components() (map[string]bool, error) {
	used := map[string]bool{}
	var visit func(value any) error
	visit = func(value any) error {
		for ref := range references(value) {
			if used[ref] {
				continue
			}
			target, err := d.resolve(ref)
			if err != nil {
				return err
			}
			used[ref] = true
			if err := visit(target); err != nil {
				return err
			}
		}
		return nil
	}
	return used, visit(d.root["paths"])
}

// references returns every $ref in a part of a document.
func references(value any) map[string]bool {
	refs := map[string]bool{}
	var visit func(value any)
	visit = func(value any) {
		switch value := value.(type) {
		case object:
			if ref, ok := value["$ref"].(string); ok {
				refs[ref] = true
			}
			for _, child := range value {
				visit(child)
			}
		case []any:
			for _, child := range value {
				visit(child)
			}
		}
	}
	visit(value)
	return refs
}

// resolve returns what a reference refers to.
func (d document) resolve(ref string) (any, error) {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return nil, fmt.Errorf("it refers to another document, %s: save one that is complete", ref)
	}
	var value any = d.root
	for name := range strings.SplitSeq(pointer, "/") {
		parent, _ := value.(object)
		if value, ok = parent[unescape(name)]; !ok {
			return nil, fmt.Errorf("it refers to %s, which it does not have", ref)
		}
	}
	return value, nil
}

// escape and unescape convert a name to its form in references and back.
func escape(name string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(name) }

func unescape(name string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(name)
}

// dropTags removes the descriptions of tags that no operation has.
func (d document) dropTags() {
	listed, ok := d.root["tags"].([]any)
	if !ok {
		return
	}
	used := map[any]bool{}
	for _, o := range d.operations() {
		names, _ := o["tags"].([]any)
		for _, name := range names {
			used[fmt.Sprint(name)] = true
		}
	}
	d.root["tags"] = slices.DeleteFunc(listed, func(tag any) bool {
		described, _ := tag.(object)
		return !used[fmt.Sprint(described["name"])]
	})
}
