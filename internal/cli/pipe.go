package cli

import (
	"os"
	"os/signal"
	"syscall"
)

// closedPipeIsError makes writing to a closed pipe an error, until the returned function is
// called. By default it ends the process, and with it the requests in flight. Commands that
// this one runs are not affected, as they would be if the signal were ignored.
func closedPipeIsError() (undo func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGPIPE)
	return func() { signal.Stop(signals) }
}
