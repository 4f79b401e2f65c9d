package main

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// operation identifies an operation: the method in lower case, and the path.
type operation struct{ method, path string }

func (o operation) String() string { return strings.ToUpper(o.method) + " " + o.path }

func byPath(a, b operation) int {
	return strings.Compare(a.path+" "+a.method, b.path+" "+b.method)
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

// operations returns the operations of a document.
func (d document) operations() map[operation]object {
	all := map[operation]object{}
	paths, _ := d.root["paths"].(object)
	for path, item := range paths {
		item, _ := item.(object)
		for _, method := range methods {
			if o, ok := item[method].(object); ok {
				all[operation{method, path}] = o
			}
		}
	}
	return all
}

// similar lists the operations of the documents that could be meant instead of GET taskPath.
func similar(found []document) string {
	var names []string
	for _, d := range found {
		for _, o := range slices.SortedFunc(maps.Keys(d.operations()), byPath) {
			if strings.Contains(o.path, "video") || len(d.operations()) < 5 {
				names = append(names, o.String())
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; it has " + strings.Join(names, ", ")
}

// keep returns the part of a document that the client uses: those operations, those of
// further paths, and what they refer to. What no generator accepts, and what the overlay
// would not find, is repaired. The notes say what was done. A document that needs none of
// that is returned as it is.
func (d document) keep(ours []operation, paths []string, overlay string) (document, []string, error) {
	wanted, err := d.wanted(ours, paths)
	if err != nil {
		return document{}, nil, err
	}
	changed, err := decode(bytes.Clone(d.raw)) // a copy to change
	if err != nil {
		return document{}, nil, err
	}
	notes := changed.dropOperations(wanted)
	notes = append(notes, changed.renameDuplicates()...)
	notes = append(notes, changed.repairSecurity()...)
	notes = append(notes, changed.repairTypes()...)
	inlined, err := changed.inlineUnnamed(overlay)
	if err != nil {
		return document{}, nil, err
	}
	dropped, err := changed.dropUnused()
	if err != nil {
		return document{}, nil, err
	}
	notes = slices.Concat(notes, inlined, dropped)
	if reflect.DeepEqual(changed.root, d.root) {
		return d, nil, nil
	}
	changed.raw = encode(changed.root)
	return changed, notes, nil
}

// wanted returns the operations to keep.
func (d document) wanted(ours []operation, paths []string) (map[operation]bool, error) {
	wanted := map[operation]bool{}
	for _, o := range ours {
		wanted[o] = true
	}
	all := d.operations()
	for _, path := range paths {
		known := false
		for o := range all {
			if o.path == path {
				wanted[o], known = true, true
			}
		}
		if !known {
			return nil, fmt.Errorf("it has no path %s", path)
		}
	}
	return wanted, nil
}

// dropOperations removes all operations but the wanted ones.
func (d document) dropOperations(wanted map[operation]bool) []string {
	paths, _ := d.root["paths"].(object)
	dropped := 0
	for o := range d.operations() {
		if wanted[o] {
			continue
		}
		dropped++
		item, _ := paths[o.path].(object)
		delete(item, o.method)
		if !slices.ContainsFunc(methods, func(method string) bool { return item[method] != nil }) {
			delete(paths, o.path)
		}
	}
	if dropped == 0 {
		return nil
	}
	return []string{fmt.Sprintf(`dropped operations that the client does not use: %d (to keep one: OP="/path ...")`, dropped)}
}

// fromOverlay notes the operations that a document does not have and the overlay adds.
func fromOverlay(published document, loaded *openapi3.T) []string {
	var names []string
	all := published.operations()
	for _, o := range operationsOf(loaded) {
		if _, ok := all[o]; !ok {
			names = append(names, o.String())
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("not in the document, but added by %s: %s", overlayFile, strings.Join(names, ", "))}
}

// renameDuplicates removes the IDs of operations whose ID another one has, so that the
// generator makes one from the method and the path.
func (d document) renameDuplicates() []string {
	var notes []string
	first := map[string]operation{}
	all := d.operations()
	for _, o := range slices.SortedFunc(maps.Keys(all), byPath) {
		id, _ := all[o]["operationId"].(string)
		if other, ok := first[strings.ToLower(id)]; ok && id != "" {
			delete(all[o], "operationId")
			notes = append(notes, fmt.Sprintf("removed the operation ID %s of %s: %s has it too", id, o, other))
			continue
		}
		first[strings.ToLower(id)] = o
	}
	return notes
}
