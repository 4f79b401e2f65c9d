package download

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
)

// utf16LE encodes text as some editors save it.
func utf16LE(text string) string {
	encoded := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(text)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return string(encoded)
}

// resumed is the request for what is missing of the half of the video.
var resumed = request{500_000 - 64<<10, `"a"`}

// Whatever the state says, the video is complete in the end. A state that does not fit the
// video is the same as none; one that fits another video costs a request.
func TestToFile_ResumesWithAnyState(t *testing.T) {
	const valid = `{"task_id":"task","validator":"\"a\"","size":1048576}`
	with := func(field, value string) string {
		return fmt.Sprintf(`{"task_id":"task","validator":"\"a\"","size":1048576,%q:%s}`, field, value)
	}
	tests := []struct {
		name, state string
		requests    []request // none means the complete video only
	}{
		{"empty", "", nil},
		{"blank", " \n", nil},
		{"null", "null", nil},
		{"a list", "[" + valid + "]", nil},
		{"a text", `"task"`, nil},
		{"a number", "1048576", nil},
		{"no fields", "{}", nil},
		{"half", valid[:len(valid)/2], nil},
		{"twice", valid + valid, nil},
		{"followed by something", valid + "x", nil},
		{"followed by zeros", valid + "\x00\x00", nil},
		{"zeros, as after a power failure", strings.Repeat("\x00", len(valid)), nil},
		{"other bytes", "\xff\xfe\x80\x81", nil},
		{"with a byte order mark", "\ufeff" + valid, nil},
		{"UTF-16", utf16LE(valid), nil},
		{"a page", "<html></html>", nil},
		{"nested deeply", strings.Repeat(`{"a":`, 20_000), nil},
		{"longer than any state", valid[:1] + strings.Repeat(" ", 64<<10) + valid[1:], nil},
		{"on several lines", strings.ReplaceAll(valid, ",", ",\n\t") + "\n", []request{resumed}},
		{"with unknown fields", with("later", `{"a":[1]}`), []request{resumed}},
		{"with an unknown field that is null", with("later", "null"), []request{resumed}},
		{"no task", `{"validator":"\"a\"","size":1048576}`, nil},
		{"an empty task", with("task_id", `""`), nil},
		{"another task", with("task_id", `"other"`), nil},
		{"a task in capitals", with("task_id", `"TASK"`), nil},
		{"a task that is a number", with("task_id", "1"), nil},
		{"no validator", `{"task_id":"task","size":1048576}`, []request{{}}},
		{"an empty validator", with("validator", `""`), []request{{}}},
		{"a weak validator", with("validator", `"W/\"a\""`), []request{{500_000 - 64<<10, `W/"a"`}}},
		{"a date as the validator", with("validator", `"Mon, 02 Jan 2006 15:04:05 GMT"`), []request{{500_000 - 64<<10, "Mon, 02 Jan 2006 15:04:05 GMT"}}},
		{"a validator without quotes", with("validator", `"a"`), []request{{500_000 - 64<<10, "a"}}},
		{"a validator with a header in it", with("validator", `"\"a\"\r\nX-Injected: 1"`), nil},
		{"a validator with a zero", with("validator", `"\u0000"`), nil},
		{"a validator that is a number", with("validator", "1"), nil},
		{"a size that is text", with("size", `"1048576"`), nil},
		{"a size with a fraction", with("size", "1048576.5"), nil},
		{"a size with an exponent", with("size", "1e6"), nil},
		{"a size of zero", with("size", "0"), nil},
		{"a size of minus two", with("size", "-2"), nil},
		{"an unknown size", with("size", "-1"), []request{resumed}},
		{"the smallest size", with("size", "-9223372036854775808"), nil},
		{"the largest size", with("size", "9223372036854775807"), []request{resumed, {}}},
		{"a size that is too large", with("size", "9223372036854775808"), nil},
		{"a size over 4 GiB", with("size", "4295967296"), []request{resumed, {}}}, // its low half is the true size
		{"the size that is held", with("size", "500000"), []request{resumed, {}}},
		{"one byte less than is held", with("size", "499999"), nil},
		{"one byte more than is held", with("size", "500001"), []request{resumed, {}}},
		{"an empty checksum", with("checksum", `""`), []request{resumed}},
		{"a checksum without an algorithm", with("checksum", `"00"`), nil},
		{"a checksum of an unknown algorithm", with("checksum", `"sha-3=00"`), nil},
		{"a checksum that is too short", with("checksum", `"sha-256=00"`), nil},
		{"a checksum that is null", with("checksum", "null"), []request{resumed}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "v.mp4")
				leave(t, path, string(video[:500_000]), test.state)
				o := &origin{content: video, tag: `"a"`, ranges: true}
				if test.requests == nil {
					test.requests = []request{{}}
				}
				requireSaved(t, o, path)
				require.Equal(t, test.requests, o.requests)
			})
		})
	}
}

// requireSaved downloads the video, and checks that nothing else is left.
func requireSaved(t *testing.T, o *origin, path string) {
	_, err := newTransfer(o).ToFile(t.Context(), File{Path: path, ID: "task"})
	require.NoError(t, err)
	require.Equal(t, []string{filepath.Base(path)}, names(t, filepath.Dir(path)))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.True(t, bytes.Equal(video, content))
}

// What is held may be anything too.
func TestToFile_ResumesFromAnyVideo(t *testing.T) {
	const valid = `{"task_id":"task","validator":"\"a\"","size":1048576}`
	sum := checksumOf(digestOf(video), true)
	checked := fmt.Sprintf(`{"task_id":"task","validator":"\"a\"","size":1048576,"checksum":%q}`, sum)
	whole := string(video)
	tests := []struct {
		name, held, state string
		requests          []request
	}{
		{"nothing", "", valid, []request{{}}},
		{"one byte", whole[:1], valid, []request{{}}},
		{"a block", whole[:64<<10], valid, []request{{}}},
		{"a block and a byte", whole[:64<<10+1], valid, []request{{}}},
		{"a block and the first box", whole[:64<<10+32], valid, []request{{32, `"a"`}}},
		{"all but a byte", whole[:len(whole)-1], valid, []request{{int64(len(whole)) - 1 - 64<<10, `"a"`}}},
		{"all", whole, valid, []request{{int64(len(whole)) - 64<<10, `"a"`}}},
		{"more than all", whole + "x", valid, []request{{}}},
		{"all, with a checksum", whole, checked, []request{{int64(len(whole)), `"a"`}, {}}},
		{"half, with a checksum", whole[:500_000], checked, []request{{500_000, `"a"`}}},
		{"text, with a checksum", strings.Repeat("?", 500_000), checked, []request{{}}},
		{"another video", string(film("another", 500_000)), checked, []request{{500_000, `"a"`}, {}}},
		{"text", strings.Repeat("text ", 100_000), valid, []request{{}}},
		{"JSON", `{"error":"` + strings.Repeat("x", 500_000) + `"}`, valid, []request{{}}},
		{"a picture", "\x89PNG\r\n\x1a\n" + strings.Repeat("x", 500_000), valid, []request{{}}},
		{"a byte before zeros", whole[:1] + strings.Repeat("\x00", 500_000), valid, []request{{}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "v.mp4")
				leave(t, path, test.held, test.state)
				o := &origin{content: video, tag: `"a"`, ranges: true, header: digestOf(video)}
				requireSaved(t, o, path)
				require.Equal(t, test.requests, o.requests)
			})
		})
	}
}
