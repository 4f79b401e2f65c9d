package relay

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestRetryAfter bounds what a header can say, so that no sum of durations overflows.
const longestRetryAfter = 365 * 24 * time.Hour

// RetryAfter returns how long the answer asks to wait (RFC 9110, section
// 10.2.3): seconds, or a date, which is compared with the answer's own Date and
// only without one with the local clock. Zero means that it does not ask.
func RetryAfter(header http.Header) time.Duration {
	value := strings.TrimSpace(header.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if strings.Trim(value, "0123456789.") == "" {
		seconds, err := strconv.ParseFloat(value, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) {
			return 0
		}
		return time.Duration(min(seconds, longestRetryAfter.Seconds()) * float64(time.Second))
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return min(max(at.Sub(now), 0), longestRetryAfter)
}
