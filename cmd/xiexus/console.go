package main

import (
	"io"
	"sync"
)

// console takes lines from everybody, one writer at a time, and puts them above
// the bars while there are any.
type console struct {
	lock sync.Mutex
	bars io.Writer // nil while there are none
}

// above makes lines go above bars from now on; nil ends that.
func (c *console) above(bars io.Writer) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.bars = bars
}

// stream is a way to the console, which goes to out while there are no bars.
type stream struct {
	*console
	out io.Writer
}

func (s stream) Write(lines []byte) (int, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.bars != nil {
		if n, err := s.bars.Write(lines); err == nil {
			return n, nil
		} // else the bars have ended by themselves
	}
	return s.out.Write(lines)
}
