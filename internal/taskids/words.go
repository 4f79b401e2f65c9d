package taskids

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// splitIDs returns a function that splits text into words, without comments.
func splitIDs() bufio.SplitFunc {
	inComment := false
	return func(data []byte, atEOF bool) (advance int, word []byte, err error) {
		for { // without a word, a scanner reads on, or ends at the end of the text
			rest := data[advance:]
			if inComment {
				end := bytes.IndexByte(rest, '\n')
				if end < 0 {
					return len(data), nil, nil
				}
				inComment = false
				advance += end + 1
				continue
			}
			start := len(rest) - len(bytes.TrimLeftFunc(rest, unicode.IsSpace))
			if start == len(rest) || rest[start] != '#' {
				length, word, err := bufio.ScanWords(rest, atEOF)
				return advance + length, word, err
			}
			inComment = true
			advance += start
		}
	}
}

// checkID rejects nothing, and a list of IDs that are not separated by whitespace: no relay
// has an ID with a comma. Other IDs that are invalid are left to the client.
func checkID(id string) error {
	switch {
	case id == "":
		return errors.New("a task ID must not be empty")
	case strings.ContainsAny(id, ",，、"):
		return fmt.Errorf("%.80q contains a comma; separate task IDs by spaces or line breaks", id)
	}
	return nil
}

// IsSpecial reports whether an ID is not taken for one as an argument of a command, but for a
// flag, for standard input or for a file. In a file it is an ID.
func IsSpecial(id string) bool { return strings.HasPrefix(id, "-") || strings.HasPrefix(id, "@") }
