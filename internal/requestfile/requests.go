// Package requestfile reads create requests as users write them: a JSON object, or many in
// JSON Lines or CSV.
package requestfile

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Request is a request of a file with many.
type Request struct {
	// Line is where it is in the file.
	Line int
	// Key identifies it in the file, wherever it is.
	Key string
	// Fields are its fields.
	Fields Fields
}

// Parse returns the requests of a file in JSON Lines or in CSV, and an error for
// each line that is not one.
func Parse(text string) (requests []Request, invalid []error) {
	add := func(line int, f Fields, err error) {
		if err != nil {
			invalid = append(invalid, LineError(line, err))
			return
		}
		requests = append(requests, Request{Line: line, Fields: f})
	}
	switch start := strings.TrimSpace(text); {
	case strings.HasPrefix(start, "{") && strings.Contains(start, "\n") && json.Valid([]byte(start)):
		add(1, nil, errors.New("one JSON object on several lines; write each request on one line"))
	case strings.HasPrefix(start, "{"):
		parseJSONLines(text, add)
	case strings.HasPrefix(start, "["):
		add(1, nil, errors.New("a JSON array; write one object a line"))
	default:
		parseCSV(text, add)
	}
	setKeys(requests)
	return requests, invalid
}

// LineError returns an error with the line of a file that it is about.
func LineError(line int, err error) error { return fmt.Errorf("line %d: %w", line, err) }

func parseJSONLines(text string, add func(int, Fields, error)) {
	line := 0
	for object := range strings.Lines(text) {
		line++
		if strings.TrimSpace(object) != "" {
			f, err := Decode(object)
			add(line, f, err)
		}
	}
}

// parseCSV parses records whose fields are named by the first. An empty one is not sent.
func parseCSV(text string, add func(int, Fields, error)) {
	records := csv.NewReader(strings.NewReader(text))
	names, err := records.Read()
	if err == nil {
		err = checkHeader(names)
	}
	if errors.Is(err, io.EOF) {
		return
	}
	if err != nil {
		add(1, nil, err)
		return
	}
	for {
		record, err := records.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if position := (*csv.ParseError)(nil); errors.As(err, &position) {
			add(position.StartLine, nil, position.Err)
			continue
		}
		if strings.Join(record, "") == "" { // spreadsheets save such lines
			continue
		}
		line, _ := records.FieldPos(0)
		f, err := recordFields(names, record)
		add(line, f, err)
	}
}

// checkHeader checks the names of the fields in a CSV file, and removes blanks around them.
func checkHeader(names []string) error {
	seen := map[string]bool{}
	for i, name := range names {
		name = strings.TrimSpace(name)
		if name == "" || seen[name] {
			return fmt.Errorf("column %d has no name of its own; the first line must name the fields", i+1)
		}
		if strings.ContainsAny(name, " ;\t") {
			return fmt.Errorf("%q cannot be the name of a field; the first line must name the fields, separated by commas", name)
		}
		seen[name] = true
		names[i] = name
	}
	return nil
}

func recordFields(names, record []string) (Fields, error) {
	f := Fields{}
	for i, text := range record {
		if text == "" {
			continue
		}
		if err := f.SetText(names[i], text); err != nil {
			return nil, fmt.Errorf("%s %w", names[i], err)
		}
	}
	return f, nil
}

// setKeys sets the keys of requests: a hash of what is in the file, so that lines may be
// added, moved and removed, and a number if the same request is there several times.
func setKeys(requests []Request) {
	copies := map[string]int{}
	for i := range requests {
		object, _ := json.Marshal(requests[i].Fields)
		sum := sha256.Sum256(object)
		key := hex.EncodeToString(sum[:16])
		copies[key]++
		if n := copies[key]; n > 1 {
			key = fmt.Sprintf("%s-%d", key, n)
		}
		requests[i].Key = key
	}
}
