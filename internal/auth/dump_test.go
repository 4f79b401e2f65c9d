package auth_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

// dump lists every text that reflection reaches from v through pointers, interfaces
// and unexported fields, without calling a method, as dumpers do.
func dump(v any) string {
	d := dumper{seen: map[visit]bool{}}
	d.walk(reflect.ValueOf(v))
	return d.out.String()
}

type visit struct {
	at  uintptr
	typ reflect.Type
}

type dumper struct {
	out  strings.Builder
	seen map[visit]bool
}

func (d *dumper) walk(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		at := visit{v.Pointer(), v.Type()}
		if v.IsNil() || d.seen[at] {
			return
		}
		d.seen[at] = true
		d.walk(v.Elem())
	case reflect.Interface:
		if !v.IsNil() {
			d.walk(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			d.walk(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		d.walkList(v)
	case reflect.Map:
		at := visit{v.Pointer(), v.Type()}
		if d.seen[at] {
			return
		}
		d.seen[at] = true
		for entries := v.MapRange(); entries.Next(); {
			d.walk(entries.Key())
			d.walk(entries.Value())
		}
	case reflect.String:
		fmt.Fprintln(&d.out, v.String())
	}
}

func (d *dumper) walkList(v reflect.Value) {
	var text strings.Builder
	for i := range v.Len() {
		switch element := v.Index(i); element.Kind() {
		case reflect.Uint8:
			text.WriteByte(byte(element.Uint()))
		case reflect.Int32:
			text.WriteRune(rune(element.Int()))
		default:
			d.walk(element)
		}
	}
	fmt.Fprintln(&d.out, text.String())
}

// Without this the next test would prove nothing.
func TestDump_FindsAnUnprotectedKey(t *testing.T) {
	type naive struct {
		text  string
		bytes *[]byte
		runes []rune
		any   any
		more  map[string]*naive
	}
	raw := []byte(plainKey)
	for name, holder := range map[string]any{
		"string":  naive{text: plainKey},
		"bytes":   &naive{bytes: &raw},
		"runes":   naive{runes: []rune(plainKey)},
		"any":     naive{any: &naive{any: plainKey}},
		"map":     naive{more: map[string]*naive{"k": {text: plainKey}}},
		"map key": map[string]int{plainKey: 1},
		"request": &http.Request{Header: http.Header{"Authorization": {"Bearer " + plainKey}}},
	} {
		t.Run(name, func(t *testing.T) { require.Contains(t, dump(holder), bareKey) })
	}
}

func TestKey_IsNotInADump(t *testing.T) {
	key := parseKey(t, plainKey)
	transport := &auth.Transport{Base: &network{}, Origin: originOf(t, home), Source: auth.Static(key)}
	ctx := auth.NewContext(t.Context(), key)
	for name, holder := range map[string]any{
		"key":        key,
		"pointer":    &key,
		"exported":   exported{"n", key},
		"unexported": &unexported{key: key, more: &key, any: &key},
		"slice":      []any{key, &key, hide(key)},
		"map":        map[string]auth.Key{"k": key},
		"source":     auth.Static(key),
		"transport":  transport,
		"client":     &http.Client{Transport: transport},
		"context":    ctx,
		"request":    newRequest(t, home).WithContext(ctx),
	} {
		t.Run(name, func(t *testing.T) { requireHidden(t, dump(holder)) })
	}
}

func TestTransport_KeyIsNotInADumpOfTheResponse(t *testing.T) {
	key := parseKey(t, plainKey)
	transport := &auth.Transport{Base: &network{}, Origin: originOf(t, home), Source: auth.Static(key)}
	client := &http.Client{Transport: transport}
	resp, err := client.Do(newRequest(t, home).WithContext(auth.NewContext(t.Context(), key)))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())

	require.Contains(t, dump(resp), "relay.example.com", "the walk reaches the request")
	requireHidden(t, dump(resp))
	requireHidden(t, fmt.Sprintf("%+v %#v", resp, resp.Request))
}

// failures collects what an assertion prints: testify dumps both sides with go-spew,
// without methods and with unexported fields.
type failures struct{ strings.Builder }

func (f *failures) Errorf(format string, args ...any) { fmt.Fprintf(&f.Builder, format, args...) }

func TestKey_IsNotInSpew(t *testing.T) {
	key := parseKey(t, plainKey)
	for name, sides := range map[string][2]any{
		"exported":   {exported{"n", key}, exported{}},
		"unexported": {hide(key), unexported{}},
		"pointer":    {&unexported{more: &key}, &unexported{}},
		"slice":      {[]auth.Key{key}, []auth.Key{{}}},
		"map":        {map[string]auth.Key{"k": key}, map[string]auth.Key{"k": {}}},
		"transport":  {auth.Transport{Source: auth.Static(key)}, auth.Transport{}},
	} {
		t.Run(name, func(t *testing.T) {
			var out failures
			require.False(t, assert.Equal(&out, sides[0], sides[1]))
			require.Regexp(t, `[+-].*: \((func\(\)|auth\.Source).* 0x`, out.String(), "the dump reaches the closure")
			requireHidden(t, out.String())
		})
	}
}
