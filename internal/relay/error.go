package relay

import (
	"cmp"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Failure is a response without a task. It holds facts only: whether a request may
// be retried is for the caller to decide.
type Failure struct {
	StatusCode int
	// Code, Type, Param and Message are the relay's, or empty. Without a message
	// from the relay, that of a 2xx or 3xx describes the response.
	Code, Type, Param, Message string
	// RequestID identifies the request in the relay's logs, or is empty.
	RequestID  string
	RetryAfter time.Duration
	// Relay reports that the body is in the relay's own format: with a word as
	// code, with New API's error type, or with another type and the request ID of
	// a relay. Gateways send none of these.
	Relay bool
	// Date is when the relay sent the response by its own clock, or zero.
	Date time.Time
	// Rejected reports that the code of a 2xx response rejects the request.
	Rejected bool
	// Page reports that the body is HTML: a home page, or a gateway's.
	Page bool
	// Cut reports that the response was truncated, TooLarge that it exceeds the limit.
	Cut, TooLarge bool
	// Cause is the error of reading or decoding, if there was one.
	Cause error
}

// details is the inner object of the documented error envelope and of a failed
// task. Its code may be a string, a number or null.
type details struct {
	Message text `json:"message"`
	Type    text `json:"type"`
	Param   text `json:"param"`
	Code    text `json:"code"`
}

// UnmarshalJSON also accepts a string in place of the object: the message.
func (d *details) UnmarshalJSON(data []byte) error {
	type plain details // without this method
	if data[0] == '{' {
		return json.Unmarshal(data, (*plain)(d))
	}
	return d.Message.UnmarshalJSON(data)
}

// describe fills f from a body: JSON in either envelope, text, HTML or nothing.
func (f *Failure) describe(header http.Header, body []byte) {
	switch {
	case isJSON(body):
		r, _ := decodeResponse(body)
		reason := cmp.Or(r.Error, &details{})
		f.Type, f.Param = string(reason.Type), string(reason.Param)
		f.Code, f.Message = string(cmp.Or(reason.Code, r.Code)), string(cmp.Or(reason.Message, r.Message))
		if f.Code == codeSuccess {
			f.Code = "" // of an envelope without data
		}
	case isHTML(header, body):
		f.Page = true
		f.Message = "HTML page instead of JSON"
	default:
		f.Message = firstLine(body)
	}
	f.RequestID = cmp.Or(f.RequestID, requestIDIn(f.Message))
	f.Relay = isWord(f.Code) || f.Type == "new_api_error" || f.Type != "" && f.RequestID != ""
	f.Rejected = f.StatusCode/100 == 2 && isRejection(f.Code)
}

// isWord reports whether a code is not a number. A gateway's code repeats its status.
func isWord(code string) bool {
	_, err := strconv.Atoi(code)
	return code != "" && err != nil
}

// requestIDIn finds the ID of a request in the message of a 401 or 403.
func requestIDIn(message string) string {
	_, rest, _ := strings.Cut(message, "(request id: ")
	id, _, closed := strings.Cut(rest, ")")
	if !closed {
		return ""
	}
	return id
}

// firstLine returns the first line of a text body, or its beginning.
func firstLine(body []byte) string {
	const longest = 200
	beginning := strings.ToValidUTF8(string(body[:min(len(body), 4*longest)]), "\ufffd") // not joined: that could make a key
	line, _, _ := strings.Cut(strings.TrimSpace(beginning), "\n")
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	return strings.TrimSpace(line)
}
