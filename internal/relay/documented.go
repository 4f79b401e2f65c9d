package relay

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"

	"github.com/xiexus/xiexus-go/gen"
)

// documented decodes the document's own fields of a task, as the document types them.
func documented(body []byte, inEnvelope bool) gen.VideoTask {
	if inEnvelope {
		var envelope struct {
			Data json.RawMessage `json:"data"`
		}
		_ = unmarshal(body, &envelope)
		body = envelope.Data
	}
	var task gen.VideoTask
	_ = unmarshal(body, &task)
	return task
}

// shadowed reports whether the document has come to have a field that the
// decoder has too, and hides: its value then takes a decoding of its own. The
// error is always decoded here, because relays send it in many forms.
var shadowed = sync.OnceValue(func() bool {
	return shares(reflect.TypeFor[gen.VideoTask](), reflect.TypeFor[object]()) ||
		shares(reflect.TypeFor[gen.VideoTask](), reflect.TypeFor[answer]())
})

// shares reports whether two structs have fields of one JSON name, but for error.
func shares(a, b reflect.Type) bool {
	names := jsonNames(a)
	for name := range jsonNames(b) {
		if names[name] && name != "error" {
			return true
		}
	}
	return false
}

// jsonNames are the names of a struct's own fields, as encoding/json compares them.
func jsonNames(t reflect.Type) map[string]bool {
	names := map[string]bool{}
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name != "" && !field.Anonymous {
			names[strings.ToLower(name)] = true
		}
	}
	return names
}
