package cli

import (
	"fmt"
	"slices"

	"al.essio.dev/pkg/shellescape"
	"github.com/xiexus/xiexus-go/internal/cli/screen"
)

// resumeHint returns the command line that resumes an interrupted command.
func resumeHint(args ...[]string) string {
	return "to resume: xiexus " + shellLine(slices.Concat(args...))
}

// shellLine quotes arguments for a shell.
func shellLine(args []string) string {
	printable := make([]string, len(args))
	for i, arg := range args {
		printable[i] = screen.Line(arg)
	}
	return shellescape.QuoteCommand(printable)
}

// maxNamed is the maximum number of tasks that a message names.
const maxNamed = 10

// namedTasks returns the first IDs, and how many more there are.
func namedTasks(ids []string) string {
	if rest := len(ids) - maxNamed; rest > 0 {
		return fmt.Sprintf("%s and %d more", shellLine(ids[:maxNamed]), rest)
	}
	return shellLine(ids)
}
