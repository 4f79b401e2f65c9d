package requestfile

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/internal/createrequest"
)

// Fields are the fields of a create request in JSON, by name, as they were given.
type Fields map[string]json.RawMessage

// Known returns the types of the fields that the OpenAPI document and the overlay
// describe, by their names in JSON.
func Known() map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[xiexus.CreateRequest]()) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "-" {
			known[name] = field.Type
		}
	}
	return known
}

// setJSON sets a field to a value in JSON. A number in text, and text in a number, are
// converted if the field needs it, and a single value to a list.
func (f Fields) setJSON(name string, value json.RawMessage) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(value, &text) == nil:
		return f.set(name, value, json.RawMessage(text), list(value))
	case json.Unmarshal(value, &number) == nil:
		return f.set(name, value, Quote(number.String()))
	}
	return f.set(name, value)
}

// SetText sets a field to text from a flag or a CSV file: to the text itself if the field
// may have one, and else to the JSON that the text is.
func (f Fields) SetText(name, text string) error {
	if _, known := Known()[name]; !known && json.Valid([]byte(text)) {
		return f.setJSON(name, json.RawMessage(text))
	}
	if text == "null" { // any type would allow it
		return f.set(name, Quote(text))
	}
	return f.set(name, Quote(text), json.RawMessage(text), list(Quote(text)))
}

// set sets a field to the first of several values that its type allows.
func (f Fields) set(name string, candidates ...json.RawMessage) error {
	wanted, known := Known()[name]
	for _, candidate := range candidates {
		if !known || json.Unmarshal(candidate, reflect.New(wanted).Interface()) == nil {
			f[name] = candidate
			return nil
		}
	}
	return fmt.Errorf("must be %s", typeName(wanted))
}

// Text returns the value of a field that is text, or an empty string.
func (f Fields) Text(name string) string {
	var text string
	_ = json.Unmarshal(f[name], &text)
	return text
}

// Quote returns text in JSON.
func Quote(text string) json.RawMessage {
	quoted, _ := json.Marshal(text)
	return quoted
}

func list(value json.RawMessage) json.RawMessage {
	return slices.Concat(json.RawMessage("["), value, json.RawMessage("]"))
}

// typeName describes the type of a field.
func typeName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Int64:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list of text"
	case reflect.Map:
		return "a JSON object"
	}
	return "text"
}

// Decode decodes a JSON object.
func Decode(object string) (Fields, error) {
	var given map[string]json.RawMessage
	err := json.Unmarshal([]byte(object), &given)
	if wrongType := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrongType) || err == nil && given == nil {
		return nil, errors.New("not a JSON object")
	}
	if err != nil {
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	f := Fields{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := f.setJSON(name, given[name]); err != nil {
			return nil, fmt.Errorf("%s %w", name, err)
		}
	}
	return f, nil
}

// Unknown returns the names of the fields that [Known] does not have.
func (f Fields) Unknown() []string {
	known := Known()
	var names []string
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if _, ok := known[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

// imageFields are those whose values are images.
var imageFields = []string{"image", "images", "input_reference"}

// EachImage replaces each image with what convert returns.
func (f Fields) EachImage(convert func(image string) (string, error)) error {
	for _, name := range imageFields {
		var one string
		var many []string
		isOne := json.Unmarshal(f[name], &one) == nil && one != ""
		if isOne {
			many = []string{one}
		} else if json.Unmarshal(f[name], &many) != nil {
			continue
		}
		for i := range many {
			var err error
			if many[i], err = convert(many[i]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		switch {
		case isOne:
			f[name] = Quote(many[0])
		case len(many) > 0:
			f[name], _ = json.Marshal(many)
		}
	}
	return nil
}

// Replace returns the fields with others that take precedence. Images that were given in one field replace
// those in the other.
func (f Fields) Replace(given Fields) Fields {
	f = maps.Clone(f)
	if given["image"] != nil || given["images"] != nil {
		delete(f, "image")
		delete(f, "images")
	}
	maps.Copy(f, given)
	return f
}

// Check reports what is wrong with the request before anything is sent.
func (f Fields) Check() error {
	request, err := f.Request()
	if err == nil {
		_, err = createrequest.Encode(request)
	}
	return err
}

// Request returns the request. What is known is decoded, to be checked. Everything is sent
// as it was given, with zeros.
func (f Fields) Request() (xiexus.CreateRequest, error) {
	known := maps.Clone(f)
	extra := make(map[string]any, len(f))
	for name, value := range f {
		extra[name] = value
	}
	for _, name := range f.Unknown() {
		delete(known, name)
	}
	request := xiexus.CreateRequest{}
	object, err := json.Marshal(known)
	if err == nil {
		err = json.Unmarshal(object, &request)
	}
	request.Extra = extra
	return request, err
}
