package screen

import (
	"io"
	"sync"
)

// Console serializes everything that is written to a terminal. While bars are
// drawn, other output appears above them. The zero value is ready to use.
type Console struct {
	lock sync.Mutex
	bars io.Writer // nil while none are drawn
}

// Writer returns a writer that goes through the console to out.
func (c *Console) Writer(out io.Writer) io.Writer { return consoleWriter{c, out} }

// setBars makes all output go through bars; nil ends that.
func (c *Console) setBars(bars io.Writer) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.bars = bars
}

type consoleWriter struct {
	*Console
	out io.Writer
}

func (w consoleWriter) Write(lines []byte) (int, error) {
	w.lock.Lock()
	defer w.lock.Unlock()
	if w.bars != nil {
		if n, err := w.bars.Write(lines); err == nil {
			return n, nil
		} // otherwise mpb has shut down because the terminal cannot be written to
	}
	return w.out.Write(lines)
}
