package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"reflect"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/oasdiff/yaml"
)

type object = map[string]any

// document is an OpenAPI document in JSON, encoded and decoded.
type document struct {
	raw  []byte
	root object
}

// taskPath is the path of the operation that the client cannot do without.
const taskPath = "/v1/video/generations/{task_id}"

func (d document) hasTask() bool {
	_, ok := d.operations()[operation{"get", taskPath}]
	return ok
}

var (
	tags = regexp.MustCompile(`<[^<>]*>`)
	// documentStart matches what only the beginning of a document looks like.
	documentStart = regexp.MustCompile(`^\{\s*"(openapi|swagger)"\s*:`)
	yamlStart     = regexp.MustCompile(`(?m)^(openapi|swagger)\s*:`)
)

// extract returns the OpenAPI document in what a publisher offers: JSON, YAML, or a
// page as text or HTML that contains the JSON.
func extract(offered []byte) (document, error) {
	text := withoutCutCharacter(bytes.TrimPrefix(offered, []byte("\ufeff")))
	switch {
	case len(text) == 0:
		return document{}, errors.New("is empty")
	case !utf8.Valid(text):
		return document{}, errors.New("not UTF-8 text")
	}
	found, err := scan(text, bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")))
	if len(found) == 0 && err == nil && bytes.ContainsAny(text, "<&") {
		found, err = scan([]byte(html.UnescapeString(tags.ReplaceAllString(string(text), ""))), false)
	}
	if len(found) == 0 && err == nil && yamlStart.Match(text) {
		found, err = fromYAML(text)
	}
	if len(found) == 0 {
		if err == nil {
			err = errors.New("contains no OpenAPI document (JSON or YAML)")
		}
		return document{}, err
	}
	return choose(found)
}

// withoutCutCharacter returns a text without a character of which only the first bytes are
// there, so that a text that was cut off is reported as that.
func withoutCutCharacter(text []byte) []byte {
	for i := len(text) - 1; i >= max(0, len(text)-utf8.UTFMax); i-- {
		if utf8.RuneStart(text[i]) {
			if !utf8.FullRune(text[i:]) {
				return text[:i]
			}
			break
		}
	}
	return text
}

// scan returns the OpenAPI documents in a text, which is JSON or a page with JSON. The
// error is that of the first one that cannot be decoded.
func scan(text []byte, isJSON bool) (found []document, err error) {
	for i := 0; i < len(text); i++ {
		if text[i] != '{' {
			continue
		}
		d, decodeErr := decode(text[i:])
		switch {
		case decodeErr == nil && isDocument(d.root):
			found = append(found, d)
			i += len(d.raw) - 1
		case decodeErr != nil && err == nil && (isJSON || documentStart.Match(text[i:])):
			err = describe(decodeErr, text, i)
		}
		isJSON = false // what follows is inside or after it
	}
	return found, err
}

// decode decodes the JSON object that a text begins with.
func decode(text []byte) (document, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var root object
	if err := decoder.Decode(&root); err != nil {
		return document{}, err
	}
	return document{raw: text[:decoder.InputOffset()], root: root}, nil
}

func isDocument(root object) bool {
	return root["openapi"] != nil || root["swagger"] != nil
}

func describe(err error, text []byte, start int) error {
	line := func(offset int) int { return 1 + bytes.Count(text[:offset], []byte("\n")) }
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the JSON that begins on line %d is cut off", line(start))
	case errors.As(err, &syntax):
		return fmt.Errorf("line %d is not JSON: %w", line(min(start+int(syntax.Offset), len(text))), err)
	}
	return fmt.Errorf("the JSON that begins on line %d: %w", line(start), err)
}

func fromYAML(text []byte) ([]document, error) {
	converted, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, fmt.Errorf("it is not YAML: %w", err)
	}
	d, err := decode(converted)
	if err != nil {
		return nil, err
	}
	d.raw = encode(d.root)
	return []document{d}, nil
}

// encode returns the JSON of a document that is not as published.
func encode(root object) []byte {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(root) // decoded JSON can be encoded
	return out.Bytes()
}

// choose returns the document that describes the task.
func choose(found []document) (document, error) {
	var with []document
	for _, d := range found {
		version, _ := d.root["openapi"].(string)
		if !strings.HasPrefix(version, "3.0.") && !strings.HasPrefix(version, "3.1.") {
			return document{}, fmt.Errorf("it is not an OpenAPI document of version 3.0 or 3.1, but %q", firstString(version, d.root["swagger"]))
		}
		if d.hasTask() && (len(with) == 0 || !reflect.DeepEqual(with[0].root, d.root)) {
			with = append(with, d)
		}
	}
	switch len(with) {
	case 0:
		return document{}, fmt.Errorf("it has no operation GET %s, which the client is made for%s", taskPath, similar(found))
	case 1:
		return with[0], nil
	}
	return document{}, fmt.Errorf("%d different documents in it have GET %s: save the right one to a file", len(with), taskPath)
}

func firstString(values ...any) string {
	for _, value := range values {
		if s, ok := value.(string); ok && s != "" {
			return s
		}
	}
	return "none"
}
