package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// taskIDs returns the ids of the arguments, with those of standard input, one
// or more a line, in place of a "-".
func taskIDs(args []string, in io.Reader) ([]string, error) {
	var ids []string
	for _, arg := range args {
		if arg != "-" {
			ids = append(ids, arg)
			continue
		}
		words := bufio.NewScanner(in)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			ids = append(ids, words.Text())
		}
		if err := words.Err(); err != nil {
			return nil, fmt.Errorf("read the ids from standard input: %w", err)
		}
	}
	if len(ids) == 0 {
		return nil, usageError{errors.New("standard input holds no task id")}
	}
	return ids, nil
}
