// Package requestlog logs requests: one record each, without key, query and body.
package requestlog

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/xiexus/xiexus-go/internal/relay"
	"github.com/xiexus/xiexus-go/internal/retry"
	"github.com/xiexus/xiexus-go/internal/safetext"
)

// longestID is how many characters of a request ID are logged.
const longestID = 100

// Write logs, at level Debug, a request that began at a time and its response, or the error
// if there is none. The attempt is that of ctx; see [retry.Attempt].
func Write(
	ctx context.Context, logger *slog.Logger, req *http.Request, began time.Time,
	resp *http.Response, err error, attrs ...slog.Attr,
) {
	if !logger.Enabled(ctx, slog.LevelDebug) {
		return
	}
	record := []slog.Attr{slog.String("method", req.Method), slog.String("host", req.URL.Host), slog.String("path", req.URL.EscapedPath())}
	if err == nil {
		record = append(record, slog.Int("status", resp.StatusCode))
	}
	record = append(record, slog.Int("attempt", retry.Attempt(ctx)), slog.Duration("duration", time.Since(began)))
	if err == nil {
		if id := relay.RequestID(resp.Header); id != "" {
			record = append(record, slog.String("request_id", safetext.Line(id, longestID)))
		}
	} else {
		record = append(record, slog.Any("error", reason(err)))
	}
	logger.LogAttrs(ctx, slog.LevelDebug, "request", append(record, attrs...)...)
}

// reason returns the error of a transport without the URL around it.
func reason(err error) error {
	var failed *url.Error
	if errors.As(err, &failed) {
		return cmp.Or(failed.Err, err)
	}
	return err
}
