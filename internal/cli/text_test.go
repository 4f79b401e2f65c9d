package cli

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/gen"
	"github.com/xiexus/xiexus-go/internal/textfile"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// inUTF16 encodes text with a byte order mark.
func inUTF16(text string, bigEndian bool) string {
	var encoded strings.Builder
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		high, low := byte(unit>>8), byte(unit)
		if bigEndian {
			encoded.Write([]byte{high, low})
		} else {
			encoded.Write([]byte{low, high})
		}
	}
	return encoded.String()
}

// encodings are ways to save text.
var encodings = []struct {
	name   string
	encode func(string) string
}{
	{"UTF-8", func(text string) string { return text }},
	{"UTF-8 with a byte order mark", func(text string) string { return "\ufeff" + text }},
	{"UTF-16, little endian", func(text string) string { return inUTF16(text, false) }},
	{"UTF-16, big endian", func(text string) string { return inUTF16(text, true) }},
}

// damaged are contents that are not text.
var damaged = []struct{ name, content string }{
	{"GBK", "\xca\xd3\xc6\xb5"},
	{"GBK in the middle of ASCII", strings.Repeat("a", 10_000) + "\xca\xd3 b"},
	{"UTF-8 cut in a character", "视频"[:4]},
	{"GBK after the mark of UTF-8", "\ufeff\xca\xd3"},
	{"UTF-16 without a mark", inUTF16("task", false)[2:]},
	{"UTF-16 cut in a unit", inUTF16("task", false)[:9]},
	{"half a surrogate pair", "\xff\xfe\x3d\xd8a\x00"},
	{"UTF-32", "\xff\xfe\x00\x00t\x00\x00\x00"},
}

func TestText_Encodings(t *testing.T) {
	for _, test := range encodings {
		t.Run(test.name, func(t *testing.T) {
			for _, want := range []string{"", "a", "a cat on a piano\n", "一只猫😀在弹钢琴"} {
				got, err := textfile.Decode([]byte(test.encode(want)))
				require.NoError(t, err)
				require.Equal(t, want, got)
			}
		})
	}
}

func TestText_Damaged(t *testing.T) {
	for _, test := range damaged {
		t.Run(test.name, func(t *testing.T) {
			_, err := textfile.Decode([]byte(test.content))
			require.ErrorIs(t, err, textfile.ErrNotText)
		})
	}
}

func TestText_IsReadAsItIsWritten(t *testing.T) {
	for _, test := range encodings {
		t.Run(test.name, func(t *testing.T) {
			in, typed := io.Pipe()
			defer func() { _ = in.Close() }()
			lines := bufio.NewScanner(textfile.NewReader(in))
			go func() {
				_, _ = io.WriteString(typed, test.encode("task_1\n"))
				_, _ = io.WriteString(typed, strings.TrimPrefix(test.encode("task_2\n"), test.encode("")))
			}()
			for _, want := range []string{"task_1", "task_2"} {
				require.True(t, lines.Scan(), "the pipe is still open")
				require.Equal(t, want, lines.Text())
			}
		})
	}
}

// Every file that a command reads text from.
func TestText_OfFiles(t *testing.T) {
	uses := []struct {
		name, text string
		args       func(file string) []string
	}{
		{"prompt", "一只猫", func(string) []string { return []string{"create", "-m", "m", "-p", "-"} }},
		{"request", `{"model":"m","prompt":"一只猫"}`, func(file string) []string { return []string{"create", "--request", file} }},
		{"requests", `{"model":"m","prompt":"一只猫"}`, func(file string) []string {
			return []string{"create", "--requests", file, "--results", filepath.Join(filepath.Dir(file), "results")}
		}},
		{"requests in CSV", "model,prompt\nm,一只猫\n", func(file string) []string {
			return []string{"create", "--requests", file, "--results", filepath.Join(filepath.Dir(file), "results")}
		}},
		{"key", testKey + "\n", func(file string) []string {
			return []string{"create", "-m", "m", "-p", "一只猫", "--api-key-file", file}
		}},
		{"IDs of get", "task_猫\n", func(file string) []string { return []string{"get", "@" + file} }},
		{"IDs of wait", "task_猫\n", func(file string) []string { return []string{"wait", "@" + file} }},
	}
	for _, use := range uses {
		t.Run(use.name, func(t *testing.T) {
			relay := startRelay(t)
			relay.Add("task_猫", xiexustest.Completes(0, video))
			var sent gen.CreateVideoRequest
			relay.OnCreate(func(request gen.CreateVideoRequest) xiexustest.Script {
				sent = request
				return xiexustest.Completes(0, video)
			})
			run := func(content string) result {
				file := filepath.Join(t.TempDir(), "file")
				require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
				return runCommand(t.Context(), content, use.args(file)...)
			}
			for _, test := range encodings {
				sent = gen.CreateVideoRequest{}
				got := run(test.encode(use.text))
				require.Equal(t, 0, got.code, "%s: %s", test.name, got.err)
				if use.args("")[0] == "create" {
					require.Equal(t, "一只猫", sent.Prompt, test.name)
				}
			}
			requests := len(relay.Requests())
			for _, test := range damaged {
				got := run(test.content)
				require.Equal(t, exitUsage, got.code, "%s: %s", test.name, got.err)
				require.NotContains(t, got.err, "\xca\xd3")
			}
			require.Len(t, relay.Requests(), requests, "nothing was sent")
		})
	}
}
