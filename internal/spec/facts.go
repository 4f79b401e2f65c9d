package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// fact is what a document says about one thing that is declared in the generated code.
type fact struct {
	kind        string // such as "field"
	value       string // such as its type; the code changes if this does
	description string
	target      string // the selector of the overlay for it, or ""
}

// facts are the facts of a document by name, such as "VideoTask.metadata.fps". The name
// of a thing begins with that of the thing that it is part of.
type facts map[string]fact

// factsOf returns the facts of a document that was loaded.
func factsOf(document *openapi3.T) facts {
	f := facts{}
	for path, item := range document.Paths.Map() {
		target := "$.paths" + child(path)
		for method, o := range item.Operations() {
			name := method + " " + path
			f.parameters(name, target, item.Parameters)
			f.operation(name, target+"."+strings.ToLower(method), o)
		}
	}
	return f
}

func (f facts) operation(name, target string, o *openapi3.Operation) {
	f[name] = fact{"operation", o.OperationID, o.Summary, target}
	f.parameters(name, target, o.Parameters)
	if o.RequestBody != nil && o.RequestBody.Value != nil {
		f.content(name+", request", targetOf(o.RequestBody.Ref, target+".requestBody"), o.RequestBody.Value.Content)
	}
	for status, response := range o.Responses.Map() {
		if response.Value != nil {
			f.content(name+", response "+status, targetOf(response.Ref, target+".responses"+child(status)), response.Value.Content)
		}
	}
}

func (f facts) parameters(operation, target string, parameters openapi3.Parameters) {
	for _, ref := range parameters {
		if p := ref.Value; p != nil {
			selector := targetOf(ref.Ref, fmt.Sprintf("%s.parameters[?@.name == '%s']", target, p.Name))
			f[fmt.Sprintf("%s, %s parameter %s", operation, p.In, p.Name)] = fact{"parameter", f.typeOf(p.Schema), p.Description, selector}
		}
	}
}

func (f facts) content(name, target string, content openapi3.Content) {
	for mediaType, media := range content {
		f.schema(name+" "+mediaType, "body", target+".content"+child(mediaType)+".schema", media.Schema, false)
	}
}

// schema adds a schema, and what it consists of unless it is a component.
func (f facts) schema(name, kind, target string, ref *openapi3.SchemaRef, required bool) {
	if ref == nil || ref.Value == nil {
		return
	}
	value := f.typeOf(ref)
	if required && (ref.Value.Type.Is("object") || ref.Value.Type == nil) {
		value += ", required" // not a pointer in Go
	}
	f[name] = fact{kind, value, ref.Value.Description, target}
	if component(ref) == "" {
		f.parts(name, target, ref.Value)
	}
}

// parts adds the fields and the values of a schema.
func (f facts) parts(name, target string, schema *openapi3.Schema) {
	for _, value := range schema.Enum {
		if value != nil {
			f[fmt.Sprintf("%s = %q", name, fmt.Sprint(value))] = fact{kind: "value"}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
		f.schema(name+"."+field, "field", target+".properties"+child(field), schema.Properties[field], slices.Contains(schema.Required, field))
	}
	if schema.Items != nil && schema.Items.Value != nil && component(schema.Items) == "" {
		f.parts(name+"[]", target+".items", schema.Items.Value)
	}
	for word, refs := range combined(schema) {
		for i, part := range refs {
			if part.Value != nil && component(part) == "" {
				f.parts(fmt.Sprintf("%s#%s%d", name, word, i+1), fmt.Sprintf("%s.%s[%d]", target, word, i), part.Value)
			}
		}
	}
}

// combined returns the schemas that a schema combines.
func combined(schema *openapi3.Schema) map[string]openapi3.SchemaRefs {
	return map[string]openapi3.SchemaRefs{"allOf": schema.AllOf, "oneOf": schema.OneOf, "anyOf": schema.AnyOf}
}

var plainName = regexp.MustCompile(`^[A-Za-z_]\w*$`)

// child returns the part of a selector that selects a name in an object.
func child(name string) string {
	if plainName.MatchString(name) {
		return "." + name
	}
	return "['" + strings.ReplaceAll(name, "'", `\'`) + "']"
}

// targetOf returns the selector of what is referred to, or without a reference, of the
// place where it is.
func targetOf(ref, place string) string {
	pointer, ok := strings.CutPrefix(ref, "#/")
	if !ok {
		return place
	}
	var target strings.Builder
	target.WriteString("$")
	for name := range strings.SplitSeq(pointer, "/") {
		target.WriteString(child(unescape(name)))
	}
	return target.String()
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
			target := targetOf(ref.Ref, "")
			f[name] = fact{kind: "type"}
			f[name] = fact{"type", f.describe(ref.Value), ref.Value.Description, target}
			f.parts(name, target, ref.Value)
		}
		return name
	}
	return f.describe(ref.Value)
}

func (f facts) describe(schema *openapi3.Schema) string {
	for word, refs := range combined(schema) {
		if len(refs) == 0 {
			continue
		}
		var parts []string
		for _, part := range refs {
			parts = append(parts, f.typeOf(part))
		}
		return strings.TrimSuffix(word, "Of") + " of " + strings.Join(parts, ", ")
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
