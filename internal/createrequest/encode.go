// Package createrequest turns the description of a video into the JSON that relays accept.
package createrequest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xiexus/xiexus-go/gen"
)

// Encode returns the body of a create request. It rejects what every relay would reject,
// and what relays would accept, charge and change.
func Encode(request gen.CreateVideoRequest) ([]byte, error) {
	if err := check(request); err != nil {
		return nil, err
	}
	body, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	more := additions(request)
	if len(more) > 0 {
		if body, err = merge(body, more); err != nil {
			return nil, err
		}
	}
	if hasInvalidUTF8(body) {
		return nil, errors.New("the text is not valid UTF-8")
	}
	return body, nil
}

func check(request gen.CreateVideoRequest) error {
	switch {
	case strings.TrimSpace(request.Model) == "":
		return errors.New("model is required")
	case strings.TrimSpace(request.Prompt) == "":
		return errors.New("prompt is required")
	case !isWhole(request.Duration):
		return errors.New("duration must be a non-negative whole number of seconds: relays do not keep fractions")
	case isOddNumber(request.Seconds):
		return errors.New("seconds must be a non-negative whole number: relays do not keep fractions")
	case min(request.Width, request.Height, request.Fps, request.N) < 0:
		return errors.New("width, height, fps and n must not be negative")
	}
	return nil
}

// isWhole rejects infinity and NaN too.
func isWhole(seconds float64) bool {
	return seconds >= 0 && seconds == math.Trunc(seconds) && !math.IsInf(seconds, 0)
}

// isOddNumber reports whether text is a number, but not one in digits alone, as relays
// read it.
func isOddNumber(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	_, odd := strconv.ParseUint(text, 10, 64)
	return err == nil && odd != nil
}

// additions returns the fields to add to those of a request, or to replace them with.
// Some vendors read the size and the length in one form only, so both are sent.
func additions(request gen.CreateVideoRequest) map[string]any {
	more := map[string]any{}
	if request.Size == "" && request.Width > 0 && request.Height > 0 {
		more["size"] = fmt.Sprintf("%dx%d", request.Width, request.Height)
	}
	if request.Seconds == "" && request.Duration > 0 {
		more["seconds"] = strconv.FormatFloat(request.Duration, 'f', -1, 64)
	}
	maps.Copy(more, request.Extra)
	return more
}

// merge adds fields to a JSON object.
func merge(object []byte, more map[string]any) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(object, &fields); err != nil {
		return nil, err
	}
	for name, value := range more {
		encoded, err := json.Marshal(value)
		if err != nil {
			return nil, fmt.Errorf("field %q: %w", name, err)
		}
		fields[name] = encoded
	}
	return json.Marshal(fields)
}

// hasInvalidUTF8 reports whether text in a request was not UTF-8. encoding/json replaces
// it with the escape sequence of U+FFFD, which it never writes otherwise.
func hasInvalidUTF8(body []byte) bool {
	withoutBackslashes := bytes.ReplaceAll(body, []byte(`\\`), nil)
	return bytes.Contains(withoutBackslashes, []byte(`\ufffd`)) || !utf8.Valid(body)
}
