package profile

import (
	"errors"
	"fmt"

	"go.yaml.in/yaml/v3"
)

// lineError adds the number of a line to an error.
func lineError(line int, err error) error { return &parseError{line, err} }

type parseError struct {
	line int
	err  error
}

func (e *parseError) Error() string { return fmt.Sprintf("line %d: %v", e.line, e.err) }
func (e *parseError) Unwrap() error { return e.err }

// eachField calls a function for each field of a mapping, and adds the line of the field to
// its error.
func eachField(what string, mapping *yaml.Node, parse func(name string, value *yaml.Node) error) error {
	if mapping.Kind != yaml.MappingNode {
		return lineError(mapping.Line, fmt.Errorf("%s must be a mapping: lines of the form \"name: value\"", what))
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		key, value := mapping.Content[i], mapping.Content[i+1]
		name, err := textOf("a name", key)
		if err == nil && seen[name] {
			err = fmt.Errorf("%q occurs twice", name)
		}
		seen[name] = true
		if err == nil {
			err = parse(name, value)
		}
		if err == nil {
			continue
		}
		if at := (*parseError)(nil); errors.As(err, &at) { // further inside
			return err
		}
		return lineError(key.Line, err)
	}
	return nil
}

// textOf returns the text of a field that is not empty.
func textOf(name string, value *yaml.Node) (string, error) {
	if value.Kind != yaml.ScalarNode || value.ShortTag() == "!!null" || value.Value == "" {
		return "", fmt.Errorf("%s must be a text that is not empty", name)
	}
	return value.Value, nil
}

func unknownField(name, known string) error {
	return fmt.Errorf("unknown field %q; it must be %s", name, known)
}
