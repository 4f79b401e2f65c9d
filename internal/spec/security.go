package main

import (
	"fmt"
	"maps"
	"slices"
)

// repairSecurity removes security schemes of types that OpenAPI does not have, with the
// requirements of them, and those that nothing requires.
func (d document) repairSecurity() []string {
	components, _ := d.root["components"].(object)
	schemes, _ := components["securitySchemes"].(object)
	valid := func(name string) bool {
		scheme, _ := schemes[name].(object)
		switch scheme["type"] {
		case "apiKey", "http", "oauth2", "openIdConnect", "mutualTLS":
			return true
		}
		return scheme["$ref"] != nil
	}
	used := map[string]bool{}
	notes := d.repairRequirements(valid, used)
	invalid := map[string]int{} // by type
	for name := range schemes {
		if scheme, _ := schemes[name].(object); !valid(name) {
			invalid[fmt.Sprint(scheme["type"])]++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(invalid)) {
		notes = append(notes, fmt.Sprintf("dropped security schemes of the type %q, which OpenAPI does not have: %d", name, invalid[name]))
	}
	maps.DeleteFunc(schemes, func(name string, _ any) bool { return !used[name] })
	return notes
}

// repairRequirements removes the requirements of schemes that are not valid, and records
// the schemes of those that remain.
func (d document) repairRequirements(valid func(string) bool, used map[string]bool) []string {
	owners := map[string]object{"the document": d.root}
	for o, definition := range d.operations() {
		owners[o.String()] = definition
	}
	var notes []string
	for _, owner := range slices.Sorted(maps.Keys(owners)) {
		listed, ok := owners[owner]["security"].([]any)
		if !ok {
			continue
		}
		remaining := slices.DeleteFunc(listed, func(requirement any) bool {
			schemes, _ := requirement.(object)
			for name := range schemes {
				if !valid(name) {
					notes = append(notes, fmt.Sprintf("removed the security requirement %s of %s", name, owner))
					return true
				}
			}
			for name := range schemes {
				used[name] = true
			}
			return false
		})
		owners[owner]["security"] = remaining
		if len(remaining) == 0 && len(listed) > 0 {
			delete(owners[owner], "security")
		}
	}
	return notes
}
