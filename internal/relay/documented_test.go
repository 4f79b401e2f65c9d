package relay

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
)

// Every field that the document has, now or later, is decoded.
func TestReader_DecodesEveryDocumentedField(t *testing.T) {
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
			got, failure := Reader{MaxSize: 1 << 20}.ReadTask(&http.Response{
				StatusCode:    http.StatusOK,
				Body:          io.NopCloser(strings.NewReader(body)),
				ContentLength: -1,
			}, "text")
			require.Nil(t, failure)
			require.Equal(t, want, got.Task.VideoTask)
		})
	}
}

// A field that joins the document under a name that relays use already is decoded
// as documented, and left out if the relay sends another type.
func TestDecodeFields_LeavesOutWhatDoesNotFit(t *testing.T) {
	type future struct {
		CreatedAt time.Time `json:"created_at"`
		Progress  int       `json:"progress"`
		TaskID    string    `json:"task_id"`
	}
	cases := []struct {
		name, object string
		want         future
	}{
		{"everything fits", `{"created_at":"2026-11-22T06:46:40Z","progress":7,"task_id":"t"}`, future{time.Unix(1795330000, 0).UTC(), 7, "t"}},
		{"another type", `{"created_at":"2026-11-22T06:46:40Z","progress":"7%","task_id":"t"}`, future{CreatedAt: time.Unix(1795330000, 0).UTC(), TaskID: "t"}},
		{"a type that decodes itself", `{"created_at":1795330000,"progress":7,"task_id":"t"}`, future{Progress: 7, TaskID: "t"}},
		{"a number in text, and text in a number", `{"created_at":1,"progress":"7","task_id":5}`, future{Progress: 7, TaskID: "5"}},
		{"nothing fits", `{"created_at":1,"progress":"7.5","task_id":[]}`, future{}},
		{"not an object", `[]`, future{}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, decodeFields[future]([]byte(c.object)))
		})
	}
}

// The document may give the code another type, and the error another kind of field.
func TestSetError_FitsTheDocumentedType(t *testing.T) {
	type numeric struct {
		Error *struct {
			Code    int64
			Message string
		}
	}
	type textual struct {
		Error struct{ Code, Message string }
	}
	for code, number := range map[string]int64{"": 0, "1301": 1301, "-7": -7, "nsfw": 0, "1.5": 0, "99999999999999999999": 0} {
		var n numeric
		require.NoError(t, json.Unmarshal([]byte(`{"error":{"code":5,"message":"before"}}`), &n))
		setError(&n, code, "m")
		require.Equal(t, number, n.Error.Code, code)
		require.Equal(t, "m", n.Error.Message)

		var s textual
		setError(&s, code, "m")
		require.Equal(t, code, s.Error.Code)
		require.Equal(t, "m", s.Error.Message)
	}
}

// fill gives every field below v a value that is not zero.
func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(1795330000, 0).UTC()))
		return
	}
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
