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
	{"seconds, with blanks", " 30\t", "", 30 * time.Second},
	{"seconds, whatever the Date", "30", noon, 30 * time.Second},
	{"what relays say past 120 bad URLs", "180", "", 3 * time.Minute},
	{"0", "0", "", 0},
	{"negative 0", "-0", "", 0},
	{"negative", "-5", "", 0},
	{"fraction", "0.25", "", 250 * time.Millisecond},
	{"less than a nanosecond", "1e-12", "", 0},
	{"an hour: whether to obey is the caller's", "3600", "", time.Hour},
	{"a year", "31536000", "", year},
	{"huge", "99999999999999999999", "", year},
	{"more than a duration holds", "9223372037", "", year},
	{"not a number", "NaN", "", 0},
	{"negative infinity", "-Inf", "", 0},

	{"date against the answer's own", "Sun, 22 Nov 2026 12:01:30 GMT", noon, 90 * time.Second},
	{"date of RFC 850", "Sunday, 22-Nov-26 12:01:30 GMT", noon, 90 * time.Second},
	{"date of asctime", "Sun Nov 22 12:01:30 2026", noon, 90 * time.Second},
	{"date now", noon, noon, 0},
	{"date past", "Sun, 22 Nov 2026 11:59:59 GMT", noon, 0},
	{"date far off", "Fri, 31 Dec 9999 23:59:59 GMT", noon, year},
	{"date long past", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", 0},
	{"date past, without Date", "Sun, 06 Nov 1994 08:49:37 GMT", "", 0},
	{"date far off, without Date", "Fri, 31 Dec 9999 23:59:59 GMT", "", year},

	{"word", "soon", "", 0},
	{"unit", "30s", "", 0},
	{"list", "30, 60", "", 0},
	{"other date", "2026-11-22T12:01:30Z", noon, 0},
	{"blanks", "  ", "", 0},
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

func TestRetryAfter(t *testing.T) {
	for _, c := range retryAfterCases {
		t.Run(c.name, func(t *testing.T) {
			require.Equal(t, c.want, relay.RetryAfter(retryAfterHeader(c.value, c.date)))
		})
	}
}

// Only without a Date of its own is an answer's date compared with this clock.
func TestRetryAfterByTheLocalClock(t *testing.T) {
	at := time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, date := range []string{"", "yesterday"} {
		got := relay.RetryAfter(retryAfterHeader(at, date))
		require.InDelta(t, time.Hour, got, float64(10*time.Second), "Date %q", date)
	}
}

// The hint counts on any answer.
func TestRetryAfterOfErrors(t *testing.T) {
	for name, resp := range map[string]*http.Response{
		"refusal":   answered(http.StatusServiceUnavailable, "", "Retry-After: 9"),
		"no task":   answered(http.StatusOK, "{}", "Retry-After: 9"),
		"too large": answered(http.StatusOK, strings.Repeat(" ", 100), "Retry-After: 9"),
	} {
		t.Run(name, func(t *testing.T) {
			told := readError(t, relay.Reader{MaxSize: 50}, resp)
			require.Equal(t, 9*time.Second, told.RetryAfter)
		})
	}
}
