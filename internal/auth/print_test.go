package auth_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// These types contain a key.
type exported struct {
	Name string
	Key  auth.Key
}

type unexported struct {
	name string
	key  auth.Key
	more *auth.Key
	any  any
}

type embedded struct{ auth.Key }

func hide(key auth.Key) unexported { return unexported{name: "n", key: key, more: &key, any: key} }

func TestKey_PrintedByVerb(t *testing.T) {
	key := parseKey(t, plainKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%c", "%U", "%40v", "%.3s"} {
		t.Run(verb, func(t *testing.T) {
			require.Equal(t, auth.Redacted, fmt.Sprintf(verb, key))
			require.Equal(t, auth.Redacted, fmt.Sprintf(verb, &key))
			require.Equal(t, auth.Redacted, fmt.Sprintf(verb, auth.Key{}), "the zero value")
		})
	}
}

func TestKey_PrintedInsideAValue(t *testing.T) {
	key := parseKey(t, plainKey)
	values := []struct {
		name  string
		value any
		shows string // what %v must print, where fmt may call methods
	}{
		{"key", key, auth.Redacted},
		{"pointer", &key, auth.Redacted},
		{"exported field", exported{"n", key}, "{n [redacted]}"},
		{"exported field by pointer", &exported{"n", key}, "&{n [redacted]}"},
		{"unexported field", hide(key), ""},
		{"unexported field by pointer", &unexported{key: key, any: &key}, ""},
		{"embedded", embedded{key}, auth.Redacted},
		{"slice", []auth.Key{key, key}, "[[redacted] [redacted]]"},
		{"slice of pointers", []*auth.Key{&key}, ""},
		{"slice of structs", []unexported{hide(key)}, ""},
		{"array", [1]auth.Key{key}, "[[redacted]]"},
		{"map", map[string]auth.Key{"k": key}, "map[k:[redacted]]"},
		{"map of any", map[string]any{"k": key, "l": hide(key)}, ""},
		{"source", auth.Static(key), ""},
		{"transport", &auth.Transport{Source: auth.Static(key)}, ""},
		{"context", auth.NewContext(t.Context(), key), ""},
		{"error", fmt.Errorf("bad key: %v", key), "bad key: [redacted]"},
	}
	for _, tt := range values {
		t.Run(tt.name, func(t *testing.T) {
			require.Contains(t, fmt.Sprintf("%v", tt.value), tt.shows)
			// %w, %p and %! are wrong for a key: fmt then bypasses its methods.
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%U", "%t", "%e", "%p", "%T", "%w", "%!"} {
				requireHidden(t, fmt.Sprintf(verb, tt.value))
			}
			requireHidden(t, fmt.Sprint(tt.value))
			requireHidden(t, fmt.Errorf("%w", errors.New(fmt.Sprintln(tt.value))).Error())
		})
	}
}

func TestKey_Logged(t *testing.T) {
	key := parseKey(t, plainKey)
	handlers := []struct {
		name string
		make func(*bytes.Buffer) slog.Handler
	}{
		{"text", func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) }},
		{"JSON", func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) }},
	}
	values := []struct {
		name  string
		value any
		shown bool
	}{
		{"key", key, true},
		{"pointer", &key, true},
		{"exported field", exported{"n", key}, true},
		{"unexported field", hide(key), false},
		{"slice", []auth.Key{key}, true},
		{"map", map[string]auth.Key{"k": key}, true},
		{"transport", &auth.Transport{Source: auth.Static(key)}, false},
	}
	for _, handler := range handlers {
		for _, tt := range values {
			t.Run(handler.name+"/"+tt.name, func(t *testing.T) {
				var out bytes.Buffer
				logger := slog.New(handler.make(&out))
				logger.Info("m", "value", tt.value)
				logger.With("value", tt.value).WithGroup("g").Info("m", slog.Group("h", "value", tt.value))
				requireHidden(t, out.String())
				require.Equal(t, tt.shown, bytes.Contains(out.Bytes(), []byte(auth.Redacted)), "%s", &out)
			})
		}
	}
}

func TestKey_Encoded(t *testing.T) {
	key := parseKey(t, plainKey)
	tests := []struct {
		name  string
		value any
		want  string
	}{
		{"key", key, `"[redacted]"`},
		{"pointer", &key, `"[redacted]"`},
		{"no key", auth.Key{}, `"[redacted]"`},
		{"exported field", exported{"n", key}, `{"Name":"n","Key":"[redacted]"}`},
		{"unexported field", hide(key), `{}`},
		{"slice", []*auth.Key{&key}, `["[redacted]"]`},
		{"map", map[string]any{"k": key}, `{"k":"[redacted]"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := json.Marshal(tt.value)
			require.NoError(t, err)
			require.JSONEq(t, tt.want, string(got))
		})
	}
	got, err := xml.Marshal(exported{"n", key})
	require.NoError(t, err)
	require.Equal(t, `<exported><Name>n</Name><Key>[redacted]</Key></exported>`, string(got))
}
