package screen

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"
)

// NewLogHandler returns a handler that prints warnings in the format of status
// lines: the time, the task, and what happened. It drops less severe records.
func NewLogHandler(out io.Writer) slog.Handler { return logHandler{out} }

type logHandler struct{ out io.Writer }

func (h logHandler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn
}
func (h logHandler) WithAttrs([]slog.Attr) slog.Handler { return h }
func (h logHandler) WithGroup(string) slog.Handler      { return h }

func (h logHandler) Handle(_ context.Context, record slog.Record) error {
	var task, delay, reason string
	record.Attrs(func(attr slog.Attr) bool {
		switch attr.Key {
		case "task_id":
			task = Line(attr.Value.String()) + "  "
		case "error":
			reason = ": " + attr.Value.String()
		case "delay":
			delay = " in " + attr.Value.Duration().Round(100*time.Millisecond).String()
		}
		return true
	})
	_, err := fmt.Fprintf(h.out, "%s  %s%s\n", record.Time.Format(time.TimeOnly), task, Line(record.Message+delay+reason))
	return err
}
