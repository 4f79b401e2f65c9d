package relay

import (
	"encoding/json"
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// decodeFields decodes the fields of an object that fit, after [fit]: one of an unexpected
// type must not cost the entire response. encoding/json continues after such a field, but
// not after the error of a type that decodes itself, such as [time.Time]; then each field is
// decoded separately.
func decodeFields[T any](object []byte) T {
	var into T
	if json.Unmarshal(object, &into) == nil {
		return into
	}
	var fitted T
	object = fit(object, reflect.TypeFor[T]())
	if json.Unmarshal(object, &fitted) == nil {
		return fitted
	}
	fields := maps.Collect(parts(object, longestObject))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if field, err := json.Marshal(map[string]json.RawMessage{name: fields[name]}); err == nil {
			_ = json.Unmarshal(field, &fitted)
		}
	}
	return fitted
}

// fit writes values the way a type wants them: a number in text as a number, 30.0 as an
// integer, a number as text. The OpenAPI document decides the types. What does not fit stays
// as it is, and decoding leaves it out.
func fit(raw json.RawMessage, t reflect.Type) json.RawMessage {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return raw
	}
	switch t.Kind() {
	case reflect.Pointer:
		return fit(raw, t.Elem())
	case reflect.Struct:
		return fitMembers(raw, t)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fitInteger(raw)
	case reflect.Float32, reflect.Float64:
		return fitNumber(raw)
	case reflect.String:
		if c := kindOf(raw); c == '-' || '0' <= c && c <= '9' {
			return json.RawMessage(strconv.Quote(strings.TrimSpace(string(raw))))
		}
	}
	return raw
}

// fitMembers is [fit] for each member of an object that is a field of a struct.
func fitMembers(raw json.RawMessage, t reflect.Type) json.RawMessage {
	if kindOf(raw) != '{' {
		return raw
	}
	members := maps.Collect(parts(raw, longestObject))
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if member, found := members[name]; found {
			members[name] = fit(member, t.Field(i).Type)
		}
	}
	fitted, err := json.Marshal(members)
	if err != nil {
		return raw
	}
	return fitted
}

// fitNumber returns the number in a text.
func fitNumber(raw json.RawMessage) json.RawMessage {
	number := json.RawMessage(strings.TrimSpace((&value{raw: raw}).text()))
	if _, ok := parseNumber(string(number)); ok && json.Valid(number) {
		return number
	}
	return raw
}

// fitInteger returns the integer that a number is. A float is exact only up to 2^53.
func fitInteger(raw json.RawMessage) json.RawMessage {
	number := fitNumber(raw)
	if f, ok := parseNumber(string(number)); ok && !isNumber(string(number)) && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return json.RawMessage(strconv.FormatInt(int64(f), 10))
	}
	return number
}
