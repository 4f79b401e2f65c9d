// Vary writes variations of openapi/openapi.json, as publishers may offer them, to the
// directory that it is given: inline.json has schemas where they are used,
// components.json has them in components, and changed.json has more and other things
// than ours. It is run by .ci/mutate.
package main

import (
	"encoding/json"
	"log"
	"os"
	"path/filepath"
	"strings"
)

type object = map[string]any

const taskPath = "/v1/video/generations/{task_id}"

func main() {
	log.SetFlags(0)
	document, err := os.ReadFile("openapi/openapi.json")
	if err != nil {
		log.Fatal(err)
	}
	for name, vary := range variations {
		varied, err := variation(document, vary)
		if err == nil {
			err = os.WriteFile(filepath.Join(os.Args[1], name), varied, 0o600)
		}
		if err != nil {
			log.Fatal(err)
		}
	}
}

var variations = map[string]func(root object){
	"inline.json":     inline,
	"components.json": useComponents,
	"changed.json":    change,
}

// variation returns a document with only the operation that reads a task, varied.
func variation(document []byte, vary func(root object)) ([]byte, error) {
	var root object
	if err := json.Unmarshal(document, &root); err != nil {
		return nil, err
	}
	root["paths"] = object{taskPath: at(root, "paths", taskPath)}
	vary(root)
	return json.Marshal(root)
}

// at returns the object at a path. What is not there is an empty object.
func at(root object, path ...string) object {
	for _, name := range path {
		child, ok := root[name].(object)
		if !ok {
			child = object{}
			root[name] = child
		}
		root = child
	}
	return root
}

func body(root object, status string) object {
	return at(root, "paths", taskPath, "get", "responses", status, "content", "application/json")
}

// inline replaces references by what they refer to.
func inline(root object) {
	var visit func(value any) any
	visit = func(value any) any {
		switch value := value.(type) {
		case object:
			if ref, ok := value["$ref"].(string); ok {
				return visit(at(root, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
			}
			for name, child := range value {
				value[name] = visit(child)
			}
		case []any:
			for i, child := range value {
				value[i] = visit(child)
			}
		}
		return value
	}
	visit(root["paths"])
	delete(at(root, "components"), "schemas")
}

// useComponents moves schemas to components with the names that relays give them.
func useComponents(root object) {
	inline(root)
	properties := at(body(root, "200"), "schema", "properties")
	for _, move := range []struct {
		from      object
		key, name string
	}{
		{properties, "metadata", "VideoTaskMetadata"},
		{properties, "error", "VideoTaskError"},
		{body(root, "200"), "schema", "VideoTaskResponse"},
		{body(root, "404"), "schema", "ErrorResponse"},
	} {
		at(root, "components", "schemas")[move.name] = move.from[move.key]
		move.from[move.key] = object{"$ref": "#/components/schemas/" + move.name}
	}
}

// change adds three statuses, a field, an object, optional parameters, a response and an
// operation with a number in its path, and changes the types of two fields.
func change(root object) {
	inline(root)
	get := at(root, "paths", taskPath, "get")
	addOptionalParameters(root, get)
	body(root, "402")["schema"] = objectOf("balance", "number")
	at(get, "responses", "402")["description"] = "No credit"

	properties := at(body(root, "200"), "schema", "properties")
	status := at(properties, "status")
	statuses, _ := status["enum"].([]any)
	status["enum"] = append(statuses, "archived", "cancelled", "unknown") // xiexus.StatusUnknown is not generated
	properties["cover_url"] = object{"type": "string"}
	properties["audio"] = objectOf("codec", "string")
	at(properties, "metadata", "properties")["duration"] = object{"type": "string"}
	at(properties, "error", "properties")["code"] = object{"oneOf": []any{object{"type": "string"}, object{"type": "integer"}}}

	image := at(root, "paths", "/v1/images/{index}", "post")
	image["operationId"] = "createImage"
	image["parameters"] = []any{object{"name": "index", "in": "path", "required": true, "schema": object{"type": "integer"}}}
	at(image, "requestBody", "content", "application/json")["schema"] = objectOf("style", "string")
	at(image, "responses", "200")["description"] = "An image"
	at(image, "responses", "200", "content", "application/json")["schema"] = objectOf("image_id", "string")
}

// addOptionalParameters adds parameters of several types to an operation: its own, one of
// its path, and one that is a component.
func addOptionalParameters(root, operation object) {
	at(root, "components", "parameters")["Lang"] = object{"name": "lang", "in": "query", "schema": object{"type": "string"}}
	at(root, "paths", taskPath)["parameters"] = []any{object{"name": "limit", "in": "query", "schema": object{"type": "integer"}}}
	own, _ := operation["parameters"].([]any)
	operation["parameters"] = append(own,
		object{"name": "verbose", "in": "query", "schema": object{"type": "boolean"}},
		object{"name": "X-Region", "in": "header", "schema": object{"type": "string"}},
		object{"$ref": "#/components/parameters/Lang"},
	)
}

// objectOf returns the schema of an object with one field.
func objectOf(field, fieldType string) object {
	return object{"type": "object", "properties": object{field: object{"type": fieldType}}}
}
