package cli

import (
	"errors"
	"math"
	"strconv"

	"github.com/dustin/go-humanize"
)

// size is the value of a flag for a number of bytes, such as "1500", "500k",
// "20MB" or "1.5GiB".
type size int64

// String returns the number of bytes.
func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

// Type returns the name of the type for the help.
func (s *size) Type() string { return "size" }

// Set parses a size.
func (s *size) Set(text string) error {
	bytes, err := humanize.ParseBytes(text)
	if err != nil || bytes > math.MaxInt64 {
		return errors.New("must be a size such as 500M")
	}
	*s = size(bytes)
	return nil
}
