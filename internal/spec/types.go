package main

import (
	"slices"
	"strings"
)

// repairTypes writes types as OpenAPI 3.0 has them, in documents of that version: a
// single one, and whether there may be none.
func (d document) repairTypes() []string {
	version, _ := d.root["openapi"].(string)
	if !strings.HasPrefix(version, "3.0.") {
		return nil
	}
	repaired := false
	var visit func(value any)
	visit = func(value any) {
		switch value := value.(type) {
		case object:
			if types, ok := value["type"].([]any); ok {
				repairType(value, types)
				repaired = true
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
	visit(d.root["paths"])
	visit(d.root["components"])
	if !repaired {
		return nil
	}
	return []string{"rewrote lists of types, which OpenAPI " + version + " does not have"}
}

func repairType(schema object, types []any) {
	if slices.Contains(types, "null") {
		schema["nullable"] = true
	}
	types = slices.DeleteFunc(types, func(t any) bool { return t == "null" })
	if len(types) == 1 {
		schema["type"] = types[0]
		return
	}
	delete(schema, "type")
	var alternatives []any
	for _, t := range types {
		alternatives = append(alternatives, object{"type": t})
	}
	schema["oneOf"] = alternatives
}
