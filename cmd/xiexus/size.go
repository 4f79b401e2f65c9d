package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// size is a flag's number of bytes: "1500", "500k", "20MB", "1.5GiB".
type size int64

func (s *size) String() string { return strconv.FormatInt(int64(*s), 10) }

func (s *size) Type() string { return "size" }

func (s *size) Set(text string) error {
	number := strings.TrimSpace(strings.ToLower(text))
	unit := int64(1000)
	if trimmed, binary := strings.CutSuffix(number, "ib"); binary {
		number, unit = trimmed, 1024
	} else {
		number = strings.TrimSuffix(number, "b")
	}
	factor := int64(1)
	if at := strings.IndexByte("kmgt", last(number)); at >= 0 {
		number = strings.TrimSpace(number[:len(number)-1])
		for range at + 1 {
			factor *= unit
		}
	}
	value, err := strconv.ParseFloat(number, 64)
	if err != nil || !(value >= 0) || value*float64(factor) >= math.MaxInt64 {
		return fmt.Errorf("%q is no size such as 500M", text)
	}
	*s = size(value * float64(factor))
	return nil
}

func last(s string) byte {
	if s == "" {
		return 0
	}
	return s[len(s)-1]
}
