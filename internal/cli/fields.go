package cli

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

// fields are the fields of a create request in JSON, by name, as they were given.
type fields map[string]json.RawMessage

// knownFields returns the types of the fields that the OpenAPI document and the overlay
// describe, by their names in JSON.
func knownFields() map[string]reflect.Type {
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
func (f fields) setJSON(name string, value json.RawMessage) error {
	var text string
	var number json.Number
	switch {
	case json.Unmarshal(value, &text) == nil:
		return f.set(name, value, json.RawMessage(text), list(value))
	case json.Unmarshal(value, &number) == nil:
		return f.set(name, value, quote(number.String()))
	}
	return f.set(name, value)
}

// setText sets a field to text from a flag or a CSV file: to the text itself if the field
// may have one, and else to the JSON that the text is.
func (f fields) setText(name, text string) error {
	if _, known := knownFields()[name]; !known && json.Valid([]byte(text)) {
		return f.setJSON(name, json.RawMessage(text))
	}
	if text == "null" { // any type would allow it
		return f.set(name, quote(text))
	}
	return f.set(name, quote(text), json.RawMessage(text), list(quote(text)))
}

// set sets a field to the first of several values that its type allows.
func (f fields) set(name string, candidates ...json.RawMessage) error {
	wanted, known := knownFields()[name]
	for _, candidate := range candidates {
		if !known || json.Unmarshal(candidate, reflect.New(wanted).Interface()) == nil {
			f[name] = candidate
			return nil
		}
	}
	return fmt.Errorf("must be %s", typeName(wanted))
}

// text returns the value of a field that is text, or an empty string.
func (f fields) text(name string) string {
	var text string
	_ = json.Unmarshal(f[name], &text)
	return text
}

func quote(text string) json.RawMessage {
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

// decodeFields decodes a JSON object.
func decodeFields(object string) (fields, error) {
	var given map[string]json.RawMessage
	err := json.Unmarshal([]byte(object), &given)
	if wrongType := (*json.UnmarshalTypeError)(nil); errors.As(err, &wrongType) || err == nil && given == nil {
		return nil, errors.New("not a JSON object")
	}
	if err != nil {
		return nil, fmt.Errorf("invalid JSON: %w", err)
	}
	f := fields{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if err := f.setJSON(name, given[name]); err != nil {
			return nil, fmt.Errorf("%s %w", name, err)
		}
	}
	return f, nil
}

// unknown returns the names of the fields that [knownFields] does not have.
func (f fields) unknown() []string {
	known := knownFields()
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

// eachImage replaces each image with what convert returns.
func (f fields) eachImage(convert func(image string) (string, error)) error {
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
			f[name] = quote(many[0])
		case len(many) > 0:
			f[name], _ = json.Marshal(many)
		}
	}
	return nil
}

// check reports what is wrong with the request before anything is sent.
func (f fields) check(images *imageOptions) error {
	request, err := f.request()
	if err != nil {
		return err
	}
	if _, err := createrequest.Encode(request); err != nil {
		return err
	}
	return f.eachImage(func(image string) (string, error) { return image, images.check(image) })
}

// load returns the request with the contents of its images.
func (f fields) load(images *imageOptions) (xiexus.CreateRequest, error) {
	loaded := maps.Clone(f)
	if err := loaded.eachImage(images.load); err != nil {
		return xiexus.CreateRequest{}, err
	}
	return loaded.request()
}

// request returns the request. What is known is decoded, to be checked. Everything is sent
// as it was given, with zeros.
func (f fields) request() (xiexus.CreateRequest, error) {
	known := maps.Clone(f)
	extra := make(map[string]any, len(f))
	for name, value := range f {
		extra[name] = value
	}
	for _, name := range f.unknown() {
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
