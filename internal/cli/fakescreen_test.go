package cli

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// fakeScreen is a terminal in memory. It understands the escape sequences that
// bars are drawn with, and no others. It never scrolls; the last line is that of
// the cursor.
type fakeScreen struct {
	t       *testing.T
	columns int

	lock        sync.Mutex
	lines       [][]rune
	row, column int
}

func newFakeScreen(t *testing.T, columns int) *fakeScreen {
	return &fakeScreen{t: t, columns: columns, lines: make([][]rune, 1)}
}

// terminal returns the screen as a terminal with a number of rows.
func (s *fakeScreen) terminal(rows int) *screen.Terminal {
	return &screen.Terminal{Out: s, Columns: s.columns, Rows: func() int { return rows }}
}

func (s *fakeScreen) Write(p []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for text := string(p); text != ""; {
		if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
			text = s.escape(rest)
			continue
		}
		char, size := utf8.DecodeRuneInString(text)
		s.put(char)
		text = text[size:]
	}
	return len(p), nil
}

// escape executes "cursor up" or "erase below", and returns the text after it.
func (s *fakeScreen) escape(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r >= '@' })
	if end < 0 {
		s.t.Errorf("incomplete escape sequence %q", text)
		return ""
	}
	switch text[end] {
	case 'A':
		up, err := strconv.Atoi(text[:end])
		if err != nil {
			s.t.Errorf("escape sequence %q: %v", text[:end+1], err)
		}
		s.row = max(0, s.row-up)
	case 'J':
		s.lines = s.lines[:s.row+1]
		s.lines[s.row] = s.lines[s.row][:min(s.column, len(s.lines[s.row]))]
	default:
		s.t.Errorf("unknown escape sequence %q", text[:end+1])
	}
	return text[end+1:]
}

func (s *fakeScreen) put(char rune) {
	if char == '\r' {
		s.column = 0
		return
	}
	if char == '\n' || s.column == s.columns {
		s.row, s.column = s.row+1, 0
		if s.row == len(s.lines) {
			s.lines = append(s.lines, nil)
		}
	}
	if char == '\n' {
		return
	}
	for len(s.lines[s.row]) <= s.column {
		s.lines[s.row] = append(s.lines[s.row], ' ')
	}
	s.lines[s.row][s.column] = char
	s.column++
}

// shown returns the lines on the screen, without trailing spaces.
func (s *fakeScreen) shown() []string {
	s.lock.Lock()
	defer s.lock.Unlock()
	var lines []string
	for _, line := range s.lines {
		lines = append(lines, strings.TrimRight(string(line), " "))
	}
	for len(lines) > 0 && lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func TestFakeScreen_WrapsAndErasesLines(t *testing.T) {
	s := newFakeScreen(t, 5)
	_, _ = s.Write([]byte("one\ntwo two\n"))
	require.Equal(t, []string{"one", "two t", "wo"}, s.shown())
	_, _ = s.Write([]byte("\x1b[2A\x1b[Jnew\n"))
	require.Equal(t, []string{"one", "new"}, s.shown())
}
