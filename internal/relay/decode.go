package relay

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func isJSON(body []byte) bool {
	body = bytes.TrimLeft(body, " \t\r\n")
	return bytes.HasPrefix(body, []byte("{")) || bytes.HasPrefix(body, []byte("["))
}

// isTruncated reports whether JSON ends before it is complete. [json.Unmarshal] does not
// distinguish that from invalid JSON where it ends in an escape, a literal or a number.
func isTruncated(body []byte) bool {
	if !isJSON(body) {
		return false
	}
	var complete json.RawMessage
	err := json.NewDecoder(bytes.NewReader(body)).Decode(&complete)
	return errors.Is(err, io.ErrUnexpectedEOF)
}

// text is a JSON string, or the literal of a number or a boolean. It accepts any JSON
// value.
type text string

// UnmarshalJSON never fails on valid JSON.
func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		if s := data[1 : len(data)-1]; bytes.IndexByte(s, '\\') < 0 && utf8.Valid(s) {
			*t = text(s) // most have nothing to decode
			return nil
		}
		return json.Unmarshal(data, (*string)(t))
	case 'n', '{', '[':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// id is a text that may be an ID: not a boolean or 0.
type id text

// UnmarshalJSON never fails on valid JSON.
func (i *id) UnmarshalJSON(data []byte) error {
	if data[0] == 't' || data[0] == 'f' || string(data) == "0" {
		*i = ""
		return nil
	}
	return (*text)(i).UnmarshalJSON(data)
}

// percentage parses 30, "30" or "30%" as an integer from 0 to 100.
func percentage(t text) *int {
	number, ok := parseNumber(strings.TrimSuffix(strings.TrimSpace(string(t)), "%"))
	if !ok || number < 0 {
		return nil
	}
	percent := int(min(number, 100))
	return &percent
}

// unixTime parses a time in unix seconds, where 0 means not yet. A number that is
// too large for seconds is in milliseconds, one too large for those is ignored.
func unixTime(t text) time.Time {
	const maxSeconds, maxMilliseconds = 1e11, 1e14
	number, ok := parseNumber(string(t))
	switch {
	case !ok || number < 1 || number >= maxMilliseconds:
		return time.Time{}
	case number >= maxSeconds:
		return time.UnixMilli(int64(number)).UTC()
	}
	return time.Unix(int64(number), 0).UTC()
}

func parseNumber(s string) (float64, bool) {
	if s == "" || strings.ContainsAny(s, "xX_") { // the latter is Go syntax that ParseFloat accepts
		return 0, false
	}
	number, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return 0, false
	}
	return number, true
}
