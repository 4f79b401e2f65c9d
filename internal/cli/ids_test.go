package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// openTemp opens a new file that contains text.
func openTemp(t *testing.T, text string) *os.File {
	file, err := os.Create(filepath.Join(t.TempDir(), "ids.txt"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = file.Close() })
	_, err = file.WriteString(text)
	require.NoError(t, err)
	return file
}

func TestIDSource_YieldsIDsInOrder(t *testing.T) {
	file := openTemp(t, "\ufeffthree\r\nfour five\n\n  six").Name()
	a := &app{Streams: Streams{Network: network, In: strings.NewReader("seven\neight")}}
	source, err := a.idSource(t.Context(), []string{"one", "two", "@" + file, "-", "nine"})
	require.NoError(t, err)
	require.False(t, source.Single())
	require.True(t, source.ReadsFrom(a.In))
	ids, err := listIDs(t.Context(), source)
	require.NoError(t, err)
	require.Equal(t, strings.Fields("one two three four five six seven eight nine"), ids)
}

func TestIDSource_ContinuesAfterReadError(t *testing.T) {
	a := &app{Streams: Streams{Network: network, In: iotest.ErrReader(os.ErrPermission)}}
	source, err := a.idSource(t.Context(), []string{"one", "-", "two"})
	require.NoError(t, err)
	var got []string
	for id, err := range source.All() {
		if err != nil {
			id = err.Error()
		}
		got = append(got, id)
	}
	require.Equal(t, []string{"one", "read task IDs from standard input: permission denied", "two"}, got)
	_, err = listIDs(t.Context(), source)
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestIDSource_EndlessWordIsUsageError(t *testing.T) {
	relay := startRelay(t)
	for _, command := range []string{"get", "wait"} {
		got := runCommand(t.Context(), strings.Repeat("x", 1<<20), command, "-")
		require.Equal(t, exitUsage, got.code, got.err)
		require.Contains(t, got.err, "standard input: a word is longer than any task ID; separate task IDs by spaces or line breaks")
	}
	require.Empty(t, relay.Requests())
}

func TestIDSource_UnusableFileIsUsageError(t *testing.T) {
	relay := startRelay(t)
	for _, args := range []string{"wait done @/no/such/file", "wait @", "get @/no/such/file", "wait done @" + t.TempDir()} {
		got := runCommand(t.Context(), "", strings.Fields(args)...)
		require.Equal(t, exitUsage, got.code, args)
		require.Equal(t, 1, strings.Count(got.err, "\n"), got.err)
	}
	require.Empty(t, relay.Requests())
}

func TestIDSource_NothingToReadIsNoError(t *testing.T) {
	relay := startRelay(t)
	keepHistory(t)
	t.Chdir(t.TempDir())
	empty := openTemp(t, " \n# nothing\n").Name()
	for _, args := range []string{"wait -", "get -", "get - --raw", "wait @" + empty, "download - --dir videos"} {
		listed := runCommand(t.Context(), "", "list", "--unfinished", "--ids")
		require.Equal(t, 0, listed.code, listed.err)
		got := runCommand(t.Context(), listed.out, strings.Fields(args)...)
		require.Equal(t, result{0, "", "no task IDs were read; nothing to do\n"}, got, args)
	}
	require.Empty(t, relay.Requests())
}

func TestIDSource_SkipsComments(t *testing.T) {
	long := strings.Repeat("long ", 100_000)
	tests := []struct{ name, text, want string }{
		{"after an ID", "one  # first\ntwo", "one two"},
		{"on its own line", "# all\r\none\r\n#two\r\nthree", "one three"},
		{"at the end", "one #", "one"},
		{"without a space", "one #two,three # four\nfive", "one five"},
		{"inside of an ID", "one#1 two", "one#1 two"},
		{"empty", "#\none", "one"},
		{"longer than any buffer", "one # " + long + "\n# " + long + "\ntwo", "one two"},
		{"nothing else", "# one", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for name, in := range map[string]io.Reader{"at once": strings.NewReader(test.text), "by byte": iotest.OneByteReader(strings.NewReader(test.text))} {
				a := &app{Streams: Streams{In: in}}
				source, err := a.idSource(t.Context(), []string{"-"})
				require.NoError(t, err)
				var ids []string
				for id, err := range source.All() {
					require.NoError(t, err)
					ids = append(ids, id)
				}
				require.Equal(t, test.want, strings.Join(ids, " "), name)
			}
		})
	}
}

func TestIDSource_CommasAreNamed(t *testing.T) {
	relay := startRelay(t)
	for _, list := range []string{"a,b", "a,", "a，b", "a、b", ","} {
		want := fmt.Sprintf("%q contains a comma; separate task IDs by spaces or line breaks", list)
		for _, command := range []string{"get", "wait", "download"} {
			got := runCommand(t.Context(), "", command, list)
			require.Equal(t, result{exitUsage, "", "xiexus: " + want + "\n"}, got)
			got = runCommand(t.Context(), list, command, "-")
			require.Equal(t, exitUsage, got.code)
			require.Contains(t, got.err, "xiexus: standard input: "+want+"\n")
		}
	}
	require.Empty(t, relay.Requests())
}
