package journal_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/journal"
)

// open returns the journal in a file with a content.
func open(t *testing.T, content string) *journal.Journal {
	name := filepath.Join(t.TempDir(), "journal")
	require.NoError(t, os.WriteFile(name, []byte(content), 0o600))
	file, err := os.OpenFile(name, os.O_RDWR, 0)
	require.NoError(t, err)
	opened, err := journal.New(file)
	require.NoError(t, err)
	t.Cleanup(func() { _ = opened.Close() })
	return opened
}

func TestJournal_ReplacesALineThatWasCut(t *testing.T) {
	long := strings.Repeat("x", 10_000)
	tests := []struct{ name, lines, cut string }{
		{"empty", "", ""},
		{"complete", "1\n2\n", ""},
		{"cut", "1\n2\n", "3"},
		{"cut in the first line", "", "1"},
		{"long lines", long + "\n", ""},
		{"cut in a long line", "1\n" + long + "\n", long},
		{"a block of lines", strings.Repeat("x", 4095) + "\n", "3"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			opened := open(t, test.lines+test.cut)
			lines, cut, err := opened.Read()
			require.NoError(t, err)
			require.Equal(t, test.lines, string(lines))
			require.Equal(t, test.cut, string(cut))

			require.NoError(t, opened.Append(map[string]int{"a": 1}))
			require.NoError(t, opened.Append(2))
			require.NoError(t, opened.Sync())
			content, err := os.ReadFile(opened.Name())
			require.NoError(t, err)
			require.Equal(t, test.lines+"{\"a\":1}\n2\n", string(content))
		})
	}
}

func TestJournal_AppendsNothingAfterAnError(t *testing.T) {
	opened := open(t, "1\n")
	require.Error(t, opened.Append(func() {}), "not JSON, and nothing was written")
	require.NoError(t, opened.Append(2))
	require.NoError(t, opened.Close())
	require.ErrorIs(t, opened.Append(3), os.ErrClosed)
	require.ErrorIs(t, opened.Sync(), os.ErrClosed)
}

// Records must not end up in a file that nobody will read.
func TestJournal_AppendsNothingToAFileThatIsNotItsOwn(t *testing.T) {
	tests := []struct {
		name   string
		change func(name string) error
	}{
		{"replaced", func(name string) error {
			if err := os.WriteFile(name+"~", []byte("1\n"), 0o600); err != nil {
				return err
			}
			return os.Rename(name+"~", name)
		}},
		{"renamed", func(name string) error { return os.Rename(name, name+"~") }},
		{"removed", os.Remove},
		{"cut", func(name string) error { return os.Truncate(name, 2) }},
		{"longer", func(name string) error { return os.WriteFile(name, []byte("1\n2\n3\n"), 0o600) }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if runtime.GOOS == "windows" {
				t.Log("files that are open cannot be replaced")
				return
			}
			opened := open(t, "1\n")
			require.NoError(t, opened.Append(2))
			require.NoError(t, test.change(opened.Name()))
			before, _ := os.ReadFile(opened.Name())
			require.ErrorIs(t, opened.Append(3), journal.ErrChanged)
			require.ErrorIs(t, opened.Append(4), journal.ErrChanged)
			after, _ := os.ReadFile(opened.Name())
			require.Equal(t, string(before), string(after))
		})
	}
}

func TestJournal_OnlyInRegularFiles(t *testing.T) {
	file, err := os.Open(t.TempDir())
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	_, err = journal.New(file)
	require.EqualError(t, err, "not a regular file")
}
