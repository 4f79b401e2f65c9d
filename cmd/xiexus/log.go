package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// logger returns what the client logs to: the whole log with --verbose, else
// what went wrong on the way as lines for people, and nothing with --quiet.
func (a *app) logger() *slog.Logger {
	switch {
	case a.verbose:
		return slog.New(slog.NewTextHandler(a.err, &slog.HandlerOptions{Level: slog.LevelDebug}))
	case a.quiet:
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(lineHandler{out: a.err})
}

// lineHandler writes warnings as the status lines of a wait look: time, task,
// what happened.
type lineHandler struct{ out io.Writer }

func (h lineHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}
func (h lineHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h lineHandler) WithGroup(string) slog.Handler      { return h }

func (h lineHandler) Handle(_ context.Context, record slog.Record) error {
	var task, delay, reason string
	record.Attrs(func(attr slog.Attr) bool {
		switch attr.Key {
		case "task_id":
			task = oneLine(attr.Value.String()) + "  "
		case "error":
			reason = ": " + attr.Value.String()
		case "delay":
			delay = " in " + attr.Value.Duration().Round(100*time.Millisecond).String()
		}
		return true
	})
	_, err := fmt.Fprintf(h.out, "%s  %s%s\n", record.Time.Format(time.TimeOnly), task, oneLine(record.Message+delay+reason))
	return err
}
