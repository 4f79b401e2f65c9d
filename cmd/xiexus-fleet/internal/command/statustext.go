package command

import (
	"bytes"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/status"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// statusText returns a status as a table.
func statusText(s status.Status) []byte {
	var page bytes.Buffer
	table := tabwriter.NewWriter(&page, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		_, _ = fmt.Fprintf(table, "%s\t"+format+"\n", append([]any{name}, args...)...)
	}
	row("waiting", "%s in %s", amount(s.Waiting.Tasks, "task"), amount(s.Waiting.Shards, "shard"))
	if s.Waiting.Requests > 0 {
		row("to create", "%s", amount(s.Waiting.Requests, "request"))
	}
	if oldest := s.Waiting.Oldest(s.At); oldest > 0 {
		row("oldest", "%s", oldest.Round(time.Second))
	}
	row("done", "%d: %d completed, %d failed, %d other", s.Done.Total(), s.Done.Completed, s.Done.Failed, s.Done.Other)
	row("requests", "%.1f per second%s", s.RequestsPerSecond, limitText(s.RateLimit))
	if !s.PausedUntil.IsZero() {
		row("paused", "for %s, as the relay has requested", s.PausedUntil.Sub(s.At).Round(time.Second))
	}
	row("workers", "%d", len(s.Workers))
	_ = table.Flush() // a buffer accepts everything
	writeWorkers(&page, s)
	return page.Bytes()
}

func writeWorkers(page io.Writer, s status.Status) {
	if len(s.Workers) == 0 {
		return
	}
	const longestName = 64
	_, _ = fmt.Fprintln(page)
	table := tabwriter.NewWriter(page, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "WORKER\tUP\tSHARDS\tREQUESTS\tPER SECOND\tPOLLS\tERRORS\tCOMPLETED\tFAILED")
	for _, w := range s.Workers {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%.1f\t%d\t%d\t%d\t%d\n", safetext.Line(w.Name, longestName),
			max(s.At.Sub(w.StartedAt), 0).Round(time.Second), w.Shards, w.Requests, w.RequestsPerSecond, w.Polls, w.Errors, w.Completed, w.Failed)
	}
	_ = table.Flush()
}

func limitText(perSecond float64) string {
	if perSecond <= 0 {
		return ""
	}
	return fmt.Sprintf(", at most %g", perSecond)
}

// amount returns a number with its noun.
func amount(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
