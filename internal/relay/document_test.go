package relay

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

// The decoder adds fields to those of the document. One that the document comes
// to have under the same name would be shadowed: nobody would see its value.
func TestNoFieldOfTheDocumentIsShadowed(t *testing.T) {
	cases := []struct {
		name     string
		document reflect.Type
		decoders []reflect.Type
		allowed  []string // told in other types than documented, and translated by hand
	}{
		{
			"task", reflect.TypeFor[gen.VideoTask](),
			[]reflect.Type{reflect.TypeFor[object](), reflect.TypeFor[answer]()}, []string{"error"},
		},
		{
			"error of a task", reflect.TypeFor[gen.VideoTaskError](),
			[]reflect.Type{reflect.TypeFor[failure]()}, []string{"code"},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			documented := ownJSONNames(c.document)
			require.NotEmpty(t, documented)
			for _, decoder := range c.decoders {
				for name := range ownJSONNames(decoder) {
					if documented[name] {
						require.Contains(t, c.allowed, name,
							"%v hides the document's %q: remove it there, or translate it and allow it here", decoder, name)
					}
				}
				// A method would be promoted from an embedded type, and decode nothing else.
				require.False(t, reflect.PointerTo(c.document).Implements(reflect.TypeFor[json.Unmarshaler]()),
					"%v decodes itself: %v can no longer embed it", c.document, decoder)
			}
		})
	}
}

// ownJSONNames returns the names of the fields that typ has itself, without
// those of embedded types, as encoding/json compares them.
func ownJSONNames(typ reflect.Type) map[string]bool {
	names := map[string]bool{}
	for i := range typ.NumField() {
		field := typ.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		if !field.Anonymous && name != "-" {
			names[strings.ToLower(name)] = true
		}
	}
	return names
}

// Every field that the document has, now or later, comes through.
func TestEveryFieldOfTheDocumentComesThrough(t *testing.T) {
	var want gen.VideoTask
	fill(t, reflect.ValueOf(&want).Elem())
	want.Status = gen.VideoTaskStatusFailed // the only one with an error
	want.URL = "https://cdn.example.com/video.mp4"

	flat, err := json.Marshal(want)
	require.NoError(t, err)
	for name, body := range map[string]string{
		"flat":     string(flat),
		"envelope": `{"code":"success","message":"","data":` + string(flat) + `}`,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Reader{MaxSize: 1 << 20}.Read(&http.Response{
				StatusCode:    http.StatusOK,
				Body:          io.NopCloser(bytes.NewBufferString(body)),
				ContentLength: -1,
			})
			require.NoError(t, err)
			require.Equal(t, want, got.Task.VideoTask)
		})
	}
}

// fill gives every field below v a value that is not zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.String:
		v.SetString("text")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float32, reflect.Float64:
		v.SetFloat(1.5)
	default:
		require.Failf(t, "a new kind of field", "teach this test to fill a %v", v.Type())
	}
}
