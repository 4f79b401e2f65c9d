package safetext_test

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

func TestError(t *testing.T) {
	safe := errors.New("connection lost")
	require.Same(t, safe, safetext.Error(safe, 100))

	path := &fs.PathError{Op: "open", Path: "a\x1b[2Jb", Err: fs.ErrExist}
	err := safetext.Error(fmt.Errorf("%w\u202e", path), 100)
	require.EqualError(t, err, "open a [2Jb: file already exists")
	require.ErrorIs(t, err, fs.ErrExist)
	var found *fs.PathError
	require.ErrorAs(t, err, &found)
	require.Same(t, path, found)
	require.NoError(t, errors.Unwrap(err), "what it wraps is not printed by accident")

	require.EqualError(t, safetext.Error(errors.New(strings.Repeat("x", 11)), 10), strings.Repeat("x", 9)+"…")
}
