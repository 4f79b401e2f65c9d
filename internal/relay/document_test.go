package relay

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

// A document that gains a field of a name that the decoder has too loses nothing.
func TestShadowedFieldsAreDecodedAsDocumented(t *testing.T) {
	type future struct {
		TaskID   string `json:"task_id"`
		Progress int    `json:"progress"`
	}
	require.True(t, shares(reflect.TypeFor[future](), reflect.TypeFor[object]()))
	require.False(t, shares(reflect.TypeFor[gen.VideoTaskMetadata](), reflect.TypeFor[object]()))

	const flat = `{"task_id":"t","status":"completed","format":"mp4","progress":"7%","error":{"code":"word"}}`
	want := documented([]byte(flat), false)
	require.Equal(t, "mp4", want.Format)
	require.Equal(t, "t", want.TaskID)
	require.Equal(t, want, documented([]byte(`{"code":"success","data":`+flat+`}`), true))
}

func TestTheGeneratedTypesDoNotDecodeThemselves(t *testing.T) {
	for _, typ := range []reflect.Type{reflect.TypeFor[*gen.VideoTask](), reflect.TypeFor[*gen.VideoTaskError]()} {
		require.False(t, typ.Implements(reflect.TypeFor[json.Unmarshaler]()),
			"its method would be promoted to the types that embed it, and decode nothing else")
	}
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
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
	case reflect.Interface:
		v.Set(reflect.ValueOf("text"))
	}
}
