package location

import (
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestFileName(t *testing.T) {
	long := strings.Repeat("视", 100)
	tests := []struct{ name, id, format, rawURL, want string }{
		{"a format", "task_1", "mp4", "", "task_1.mp4"},
		{"a MIME type", "task_1", "video/webm", "", "task_1.webm"},
		{"a MIME type with a parameter", "task_1", `video/quicktime; codecs="x"`, "", "task_1.mov"},
		{"upper case", "task_1", "WebM", "", "task_1.webm"},
		{"the extension of the URL", "task_1", "", "https://h/a/b.WEBM?x=y.mp4", "task_1.webm"},
		{"the format before the URL", "task_1", "mp4", "https://h/a.webm", "task_1.mp4"},
		{"the type of a data URL", "task_1", "", "data:video/webm;base64,AA", "task_1.webm"},
		{"an unknown format", "task_1", "exe", "https://h/a.exe", "task_1.mp4"},
		{"a path as the format", "task_1", "../../x", "", "task_1.mp4"},
		{"letters outside ASCII", "任务-1.b", "", "", "任务-1.b.mp4"},
		{"separators", `a/b\c:d`, "", "", "a_b_c_d-0199b5ba.mp4"},
		{"no id", "", "", "", "_-00000000.mp4"},
		{"dots", "..", "", "", "_..-9608161c.mp4"},
		{"a hidden file", ".bashrc", "", "", "_.bashrc-157cd36f.mp4"},
		{"an option", "-rf", "", "", "_-rf-760cd3b8.mp4"},
		{"a device", "con.x", "", "", "_con.x-6c650bdd.mp4"},
		{"too long", long, "", "", long[:120] + "-98916b0a.mp4"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			require.Equal(t, test.want, FileName(test.id, 0, test.format, test.rawURL))
		})
	}
	require.Equal(t, "task_1-2.webm", FileName("task_1", 1, "webm", ""))
	require.NotEqual(t, FileName("a b", 0, "", ""), FileName("a?b", 0, "", ""), "two tasks have two files")
}

func FuzzFileName(f *testing.F) {
	f.Add("task", "mp4", "https://h/a.mp4")
	f.Add("\x00/..", "video/", "data:")
	f.Fuzz(func(t *testing.T, id, format, rawURL string) {
		name := FileName(id, len(format), format, rawURL)
		require.True(t, utf8.ValidString(name))
		require.Less(t, len(name), 140)
		require.Equal(t, name, filepath.Base(name))
		require.False(t, strings.HasPrefix(name, "."))
		require.False(t, strings.ContainsAny(name, "/\\:*?\"<>|\x00\n\x1b"))
	})
}
