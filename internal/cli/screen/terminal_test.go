package screen

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTerminal_FileAndBufferAreNone(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	require.NoError(t, err)
	defer func() { _ = file.Close() }()
	var buffer bytes.Buffer

	require.Nil(t, NewTerminal(file))
	require.Nil(t, NewTerminal(&buffer))
	require.False(t, (*Terminal)(nil).Shows(file))
	terminal := &Terminal{Out: &buffer, Columns: 80, Rows: func() int { return 24 }}
	require.False(t, terminal.Shows(file))
	require.True(t, terminal.Shows(&buffer))
}

func TestSameFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "out")
	one, err := os.Create(name)
	require.NoError(t, err)
	defer func() { _ = one.Close() }()
	same, err := os.Open(name)
	require.NoError(t, err)
	defer func() { _ = same.Close() }()
	other, err := os.Create(name + ".other")
	require.NoError(t, err)
	defer func() { _ = other.Close() }()

	require.True(t, sameFile(one, same))
	require.False(t, sameFile(one, other))
	require.False(t, sameFile(one, new(bytes.Buffer)))
}
