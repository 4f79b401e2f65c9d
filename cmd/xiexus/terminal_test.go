package main

import (
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// screen is a terminal in memory: it understands what bars are drawn with, and
// nothing else. Its lines go on for ever; the last is the cursor's.
type screen struct {
	t       *testing.T
	columns int

	lock        sync.Mutex
	lines       [][]rune
	row, column int
}

func newScreen(t *testing.T, columns int) *screen {
	return &screen{t: t, columns: columns, lines: make([][]rune, 1)}
}

// terminal is the screen to draw on, with so many rows.
func (s *screen) terminal(rows int) *terminal {
	return &terminal{out: s, columns: s.columns, rows: func() int { return rows }}
}

func (s *screen) Write(p []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	for text := string(p); text != ""; {
		if rest, escape := strings.CutPrefix(text, "\x1b["); escape {
			text = s.escape(rest)
			continue
		}
		char, size := utf8.DecodeRuneInString(text)
		s.put(char)
		text = text[size:]
	}
	return len(p), nil
}

// escape obeys "cursor up" and "erase below", and returns what comes after.
func (s *screen) escape(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool { return r >= '@' })
	switch text[end] {
	case 'A':
		up, err := strconv.Atoi(text[:end])
		require.NoError(s.t, err)
		s.row = max(0, s.row-up)
	case 'J':
		s.lines = s.lines[:s.row+1]
		s.lines[s.row] = s.lines[s.row][:min(s.column, len(s.lines[s.row]))]
	default:
		s.t.Errorf("unknown escape sequence %q", text[:end+1])
	}
	return text[end+1:]
}

func (s *screen) put(char rune) {
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

// shown is what the screen shows, without spaces at the ends of lines.
func (s *screen) shown() []string {
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

func TestScreen(t *testing.T) {
	s := newScreen(t, 5)
	_, _ = s.Write([]byte("one\ntwo two\n"))
	require.Equal(t, []string{"one", "two t", "wo"}, s.shown())
	_, _ = s.Write([]byte("\x1b[2A\x1b[Jnew\n"))
	require.Equal(t, []string{"one", "new"}, s.shown())
}

func TestNoTerminal(t *testing.T) {
	file := openTemp(t, "")
	require.Nil(t, terminalOf(file))
	require.Nil(t, terminalOf(newScreen(t, 80)))
	require.False(t, (*terminal)(nil).shows(file))
	require.False(t, newScreen(t, 80).terminal(24).shows(file))
}
