package relay_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/relay"
)

const (
	year = 365 * 24 * time.Hour
	noon = "Sun, 22 Nov 2026 12:00:00 GMT"
)

var retryAfterCases = []struct {
	name, value, date string
	want              time.Duration
}{
	{"none", "", "", 0},
	{"seconds", "30", "", 30 * time.Second},
	{"seconds, with white space", " 30\t", "", 30 * time.Second},
	{"seconds, regardless of Date", "30", noon, 30 * time.Second},
	{"after 120 invalid URLs", "180", "", 3 * time.Minute},
	{"0", "0", "", 0},
	{"negative 0", "-0", "", 0},
	{"negative", "-5", "", 0},
	{"fraction", "0.25", "", 250 * time.Millisecond},
	{"less than a nanosecond", "1e-12", "", 0},
	{"an hour: any cap is the caller's", "3600", "", time.Hour},
	{"a year", "31536000", "", year},
	{"huge", "99999999999999999999", "", year},
	{"more than a duration holds", "9223372037", "", year},
	{"not a number", "NaN", "", 0},
	{"negative infinity", "-Inf", "", 0},

	{"date, compared with the response's own", "Sun, 22 Nov 2026 12:01:30 GMT", noon, 90 * time.Second},
	{"date of RFC 850", "Sunday, 22-Nov-26 12:01:30 GMT", noon, 90 * time.Second},
	{"date of asctime", "Sun Nov 22 12:01:30 2026", noon, 90 * time.Second},
	{"date now", noon, noon, 0},
	{"date in the past", "Sun, 22 Nov 2026 11:59:59 GMT", noon, 0},
	{"date in the far future", "Fri, 31 Dec 9999 23:59:59 GMT", noon, year},
	{"date in the distant past", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", 0},
	{"date in the past, without Date", "Sun, 06 Nov 1994 08:49:37 GMT", "", 0},
	{"date in the far future, without Date", "Fri, 31 Dec 9999 23:59:59 GMT", "", year},

	{"word", "soon", "", 0},
	{"unit", "30s", "", 0},
	{"list", "30, 60", "", 0},
	{"other date", "2026-11-22T12:01:30Z", noon, 0},
	{"white space", "  ", "", 0},
}

func retryAfterHeader(value, date string) http.Header {
	header := http.Header{}
	if value != "" {
		header.Set("Retry-After", value)
	}
	if date != "" {
		header.Set("Date", date)
	}
	return header
}

func TestRetryAfter_Values(t *testing.T) {
	for _, c := range retryAfterCases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, relay.RetryAfter(retryAfterHeader(c.value, c.date)))
		})
	}
}

// Only without a Date of its own is a response's date compared with the local clock.
func TestRetryAfter_ByTheLocalClock(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, date := range []string{"", "yesterday"} {
		got := relay.RetryAfter(retryAfterHeader(at, date))
		require.InDelta(t, time.Hour, got, float64(10*time.Second), "Date %q", date)
	}
}

func TestReader_RetryAfterOfErrors(t *testing.T) {
	for name, resp := range map[string]*http.Response{
		"error":     newResponse(http.StatusServiceUnavailable, "", "Retry-After: 9"),
		"no task":   newResponse(http.StatusOK, "{}", "Retry-After: 9"),
		"too large": newResponse(http.StatusOK, strings.Repeat(" ", 100), "Retry-After: 9"),
	} {
		t.Run(name, func(t *testing.T) {
			got := readError(t, relay.Reader{MaxSize: 50}, resp)
			require.Equal(t, 9*time.Second, got.RetryAfter)
		})
	}
}
