package relay

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// byTheBook is unmarshal with encoding/json alone.
func byTheBook(data []byte, into *answer) error {
	err := json.Unmarshal(data, into)
	if _, mismatch := err.(*json.UnmarshalTypeError); mismatch {
		return nil
	}
	return err
}

// The fast decoder must read what it reads as encoding/json does.
func FuzzUnmarshalLikeEncodingJSON(f *testing.F) {
	for _, seed := range []string{
		`{"task_id":"t","status":"completed","url":"https://h/a","metadata":{"duration":5,"fps":30},"error":null}`,
		`{"code":"success","message":"","data":{"task_id":"t","status":"SUCCESS","progress":"100%","submit_time":1,"data":{"a":[1,2]}}}`,
		`{"TASK_ID":"t","Status":"x"}`, `{"task_id":"t","task_id":"u"}`, `{"task_id":null}`, `{"task_id":1}`, `{"status":"\ud800\u0041"}`,
		"{\"status\":\"\x01\"}", `{"status":"x"}x`, `{"status":"x",}`, `{"metadata":{"fps":1e2}}`, `{"metadata":{"fps":1.5}}`, `{"metadata":{"width":01}}`,
		`{"metadata":{"duration":1e999}}`, `{"metadata":{"duration":.5}}`, `{"zz":01}`, `{"zz":tru}`, `{"zz":"\x"}`, `{"zz":[1,]}`, `{"zz":{"a"}}`, `{"zz":1.}`,
		`{"metadata":{"seed":9223372036854775808}}`, `{"error":"text"}`, `{"error":{"code":"x","message":1}}`, ` {"status" : "x" } `, `[]`, `null`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if strings.ContainsAny(string(data), "ſ\u212a") || regexp.MustCompile(`(?i)\\u(017f|212a)`).Match(data) {
			return // encoding/json takes the long s and the Kelvin sign for an s and a k in names
		}
		var ours, book answer
		err, bookErr := unmarshal(data, &ours), byTheBook(data, &book)
		require.Equal(t, bookErr == nil, err == nil, "%v, %v", err, bookErr)
		if err == nil {
			require.True(t, reflect.DeepEqual(book, ours), "%+v\n%+v", book, ours)
		}
	})
}

// Nothing that is deep overflows the stack, or takes long.
func TestDeepAnswers(t *testing.T) {
	for _, opening := range []string{"[", `{"a":`, `{"data":`, `{"data":[`, `{"error":`} {
		for _, size := range []int{longestFast - 10, 16 << 20} {
			start := time.Now()
			body := `{"data":` + strings.Repeat(opening, size/len(opening))
			_, err := parseTask([]byte(body))
			require.Error(t, err)
			require.Less(t, time.Since(start), time.Minute)
		}
	}
}
