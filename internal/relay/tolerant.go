package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	fast "github.com/segmentio/encoding/json"
)

// longestFast bounds what the fast decoder reads: it follows nested values without
// a limit of depth, and 64 KiB of brackets fit on a stack.
const longestFast = 64 << 10

// unmarshal decodes what fits and leaves the rest at its zero value: one field
// of an unexpected type must not throw a whole answer away. encoding/json goes
// on past such a field and reports it at the end. Most answers are as they should
// be, and a decoder that takes half the time reads those.
func unmarshal[T any](data []byte, into *T) error {
	if len(data) <= longestFast && utf8.Valid(data) {
		before := *into
		if fast.Unmarshal(data, into) == nil {
			return nil
		}
		*into = before
	}
	err := json.Unmarshal(data, into)
	if err == nil {
		return nil
	}
	if mismatch := (*json.UnmarshalTypeError)(nil); errors.As(err, &mismatch) {
		return nil
	}
	return err
}

// The types below take any JSON value and never fail.

// text is a string, or a number or a boolean as it is written.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		s, err := unquote(data)
		*t = text(s)
		return err
	case 'n', '{', '[':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// unquote reads a JSON string. Most have nothing to decode.
func unquote(data []byte) (string, error) {
	inner := data[1 : len(data)-1]
	if bytes.IndexByte(inner, '\\') < 0 && utf8.Valid(inner) {
		return string(inner), nil
	}
	var s string
	err := json.Unmarshal(data, &s)
	return s, err
}

// percent is a whole number from 0 to 100, sent as 30, "30" or "30%".
type percent struct{ value *int }

func (p *percent) UnmarshalJSON(data []byte) error {
	number, ok := number(data)
	if !ok || number < 0 {
		return nil
	}
	whole := int(min(number, 100))
	p.value = &whole
	return nil
}

// moment is a time in unix seconds; 0 means not yet.
type moment struct{ time.Time }

// Beyond these a number of seconds is a number of milliseconds, or nonsense.
const (
	maxSeconds      = 1e11
	maxMilliseconds = 1e14
)

func (m *moment) UnmarshalJSON(data []byte) error {
	number, ok := number(data)
	switch {
	case !ok || number < 1 || number >= maxMilliseconds:
	case number >= maxSeconds:
		m.Time = time.UnixMilli(int64(number)).UTC()
	default:
		m.Time = time.Unix(int64(number), 0).UTC()
	}
	return nil
}

// number reads a JSON number, or a string that holds one, with or without a percent sign.
func number(data []byte) (float64, bool) {
	data = bytes.TrimSpace(bytes.Trim(data, `"`))
	data = bytes.TrimSpace(bytes.TrimSuffix(data, []byte("%")))
	if bytes.ContainsAny(data, "xX_") { // Go's own ways to write a number
		return 0, false
	}
	number, err := strconv.ParseFloat(string(data), 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return 0, false
	}
	return number, true
}
