package relay

import (
	"bytes"
	"encoding/json"
	"iter"
	"strings"
)

const (
	// deepest is how many levels below a task or an error are searched: a relay in front of
	// a relay in front of a vendor nests nine.
	deepest = 10
	// longestList is how many elements of a list are searched.
	longestList = 100
	// longestObject is how many members of an object are searched. Decoded, each takes many
	// times its size in JSON.
	longestObject = 1000
	// longestNested is the longest text that is searched as JSON, in bytes.
	longestNested = 64 << 10
)

// value is a JSON value that is decoded as far as it is searched, and no further: most of a
// large response is the raw response of an upstream. A nil value is one that is missing.
type value struct {
	raw      json.RawMessage
	decoded  bool
	members  map[string]*value // of an object
	elements []*value          // of a list
}

// decode decodes one level. JSON in a text is decoded as if it were not in a text: that is
// how relays pass on the errors of others.
func (v *value) decode() {
	if v.decoded {
		return
	}
	v.decoded = true
	raw := v.raw
	if v.kind() == '"' && len(raw) <= longestNested {
		raw = []byte(strings.TrimSpace(v.text()))
	}
	switch kindOf(raw) {
	case '{':
		v.members = map[string]*value{}
		for name, member := range parts(raw, longestObject) {
			v.members[name] = &value{raw: member}
		}
	case '[':
		for _, element := range parts(raw, longestList) {
			v.elements = append(v.elements, &value{raw: element})
		}
	}
}

// parts yields the first members of an object, at most a number of them, or, without names,
// elements of a list. It yields none of what is not valid JSON.
func parts(raw []byte, most int) iter.Seq2[string, json.RawMessage] {
	return func(yield func(string, json.RawMessage) bool) {
		if !json.Valid(raw) {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(raw))
		opening, _ := decoder.Token()
		for i := 0; i < most && decoder.More(); i++ {
			var name string
			if opening == json.Delim('{') {
				token, _ := decoder.Token()
				name, _ = token.(string)
			}
			var part json.RawMessage
			if decoder.Decode(&part) != nil || !yield(name, part) {
				return
			}
		}
	}
}

// bytes returns the JSON of a value.
func (v *value) bytes() []byte {
	if v == nil {
		return nil
	}
	return v.raw
}

func (v *value) kind() byte { return kindOf(v.raw) }

// kindOf returns the first character of a JSON value, which identifies its type, or 0.
func kindOf(raw []byte) byte {
	if raw = bytes.TrimLeft(raw, " \t\r\n"); len(raw) == 0 {
		return 0
	}
	return raw[0]
}

// text returns a text, or the literal of a number or a boolean.
func (v *value) text() string {
	var t text
	if v != nil && len(v.raw) > 0 {
		_ = json.Unmarshal(v.raw, &t)
	}
	return string(t)
}

// at returns the value at a path such as "data.task_id", or nil. Of a list, it takes the
// first element.
func (v *value) at(path string) *value { return v.listAt(path).first() }

// listAt is [value.at], but returns a list at the end of the path as it is.
func (v *value) listAt(path string) *value {
	for name := range strings.SplitSeq(path, ".") {
		if v = v.first(); v == nil {
			return nil
		}
		v.decode()
		v = v.members[name]
	}
	return v
}

// has reports whether an object has a member, even if that is null.
func (v *value) has(name string) bool {
	v.decode()
	return v.members[name] != nil
}

func (v *value) first() *value {
	if v == nil || v.kind() != '[' {
		return v
	}
	if v.decode(); len(v.elements) == 0 {
		return nil
	}
	return v.elements[0]
}

// firstID returns the first ID at one of some paths, or an empty string. A sentence, a URL,
// JSON and the word for a status, such as "success", are not IDs.
func (v *value) firstID(paths []string) string {
	for _, path := range paths {
		var found id
		_ = json.Unmarshal(v.at(path).bytes(), &found)
		id := strings.TrimSpace(string(found))
		isWord := Translate(id) != StatusUnknown
		if id != "" && !isWord && !hasSpace(id) && !strings.Contains(id, "://") && !isJSON([]byte(id)) {
			return id
		}
	}
	return ""
}
