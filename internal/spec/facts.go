package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// fact is what a document says about one thing that is declared in the generated code.
type fact struct {
	kind        string // such as "field"
	value       string // such as its type; the code changes if this does
	description string
}

// facts are the facts of a document by name, such as "VideoTask.metadata.fps". The name
// of a thing begins with that of the thing that it is part of.
type facts map[string]fact

// factsOf returns the facts of a document that was loaded.
func factsOf(document *openapi3.T) facts {
	f := facts{}
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			f.operation(method+" "+path, item.Parameters, o)
		}
	}
	return f
}

func (f facts) operation(name string, shared openapi3.Parameters, o *openapi3.Operation) {
	f[name] = fact{"operation", o.OperationID, o.Summary}
	for _, ref := range slices.Concat(shared, o.Parameters) {
		if p := ref.Value; p != nil {
			f[fmt.Sprintf("%s, %s parameter %s", name, p.In, p.Name)] = fact{"parameter", f.typeOf(p.Schema), p.Description}
		}
	}
	if o.RequestBody != nil && o.RequestBody.Value != nil {
		f.content(name+", request", o.RequestBody.Value.Content)
	}
	for status, response := range o.Responses.Map() {
		if response.Value != nil {
			f.content(name+", response "+status, response.Value.Content)
		}
	}
}

func (f facts) content(name string, content openapi3.Content) {
	for mediaType, media := range content {
		f.schema(name+" "+mediaType, "body", media.Schema, false)
	}
}

// schema adds a schema, and what it consists of unless it is a component.
func (f facts) schema(name, kind string, ref *openapi3.SchemaRef, required bool) {
	if ref == nil || ref.Value == nil {
		return
	}
	value := f.typeOf(ref)
	if required && (ref.Value.Type.Is("object") || ref.Value.Type == nil) {
		value += ", required" // not a pointer in Go
	}
	f[name] = fact{kind, value, ref.Value.Description}
	if component(ref) == "" {
		f.parts(name, ref.Value)
	}
}

// parts adds the fields and the values of a schema.
func (f facts) parts(name string, schema *openapi3.Schema) {
	for _, value := range schema.Enum {
		if value != nil {
			f[fmt.Sprintf("%s = %q", name, fmt.Sprint(value))] = fact{kind: "value"}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
		f.schema(name+"."+field, "field", schema.Properties[field], slices.Contains(schema.Required, field))
	}
	if schema.Items != nil && schema.Items.Value != nil && component(schema.Items) == "" {
		f.parts(name+"[]", schema.Items.Value)
	}
	for i, part := range slices.Concat(schema.AllOf, schema.OneOf, schema.AnyOf) {
		if part.Value != nil && component(part) == "" {
			f.parts(name+"#"+strconv.Itoa(i+1), part.Value)
		}
	}
}

// component returns the name of the component that a schema refers to, or "".
func component(ref *openapi3.SchemaRef) string {
	name, _ := strings.CutPrefix(ref.Ref, "#/components/schemas/")
	return name
}

// typeOf returns the type of a schema in words. It adds a component when it meets it first.
func (f facts) typeOf(ref *openapi3.SchemaRef) string {
	if ref == nil || ref.Value == nil {
		return "any"
	}
	if name := component(ref); name != "" {
		if _, known := f[name]; !known {
			f[name] = fact{kind: "type"}
			f[name] = fact{"type", f.describe(ref.Value), ref.Value.Description}
			f.parts(name, ref.Value)
		}
		return name
	}
	return f.describe(ref.Value)
}

func (f facts) describe(schema *openapi3.Schema) string {
	for word, refs := range map[string]openapi3.SchemaRefs{"all of": schema.AllOf, "one of": schema.OneOf, "any of": schema.AnyOf} {
		if len(refs) == 0 {
			continue
		}
		var parts []string
		for _, part := range refs {
			parts = append(parts, f.typeOf(part))
		}
		return word + " " + strings.Join(parts, ", ")
	}
	types := slices.DeleteFunc(slices.Clone(schema.Type.Slice()), func(t string) bool { return t == "null" })
	name := strings.Join(types, " or ")
	switch {
	case name == "" && len(schema.Properties) > 0:
		name = "object"
	case name == "":
		name = "any"
	case name == "array":
		name = "array of " + f.typeOf(schema.Items)
	}
	if schema.Format != "" {
		name += " (" + schema.Format + ")"
	}
	return name
}
