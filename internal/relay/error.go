package relay

import (
	"bytes"
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// keptBody is how much of the body of an error is kept, in bytes.
const keptBody = 16 << 10

// Failure is a response without a task. It holds facts only: whether a request may
// be retried is for the caller to decide, by what it means; see [MeaningOf].
type Failure struct {
	StatusCode int
	// Code, Type, Param and Message are the relay's, or empty. Without a message
	// from the relay, that of a 2xx or 3xx describes the response.
	Code, Type, Param, Message string
	// RequestID identifies the request in the relay's logs, or is empty.
	RequestID  string
	RetryAfter time.Duration
	// Body is the beginning of the body, redacted.
	Body string
	// TaskID is the task that the response names, or empty.
	TaskID string
	// Relay reports that the response comes from the relay itself for certain: it is JSON and
	// has the relay's own request ID, type of error or code. Gateways send none of these.
	Relay bool
	// Worded reports that the response is worded like one of a relay, or has Relay set: it
	// has the form of an error in the OpenAPI document or in New API's envelope, or is a 2xx
	// with the code of an error.
	Worded bool
	// Date is when the relay sent the response by its own clock, or zero.
	Date time.Time
	// Rejected reports that a 2xx rejects the request in spite of its status.
	Rejected bool
	// Page reports that the body is HTML: a home page, or a gateway's. OwnPage reports that
	// it is a page of the relay's own.
	Page, OwnPage bool
	// Cut reports that the response was truncated, TooLarge that it exceeds the limit.
	Cut, TooLarge bool
	// Cause is the error of reading or decoding, if there was one.
	Cause error
}

// describe fills f from a body: JSON in either envelope, text, HTML or nothing.
func (f *Failure) describe(header http.Header, body []byte) {
	f.keep(body)
	switch {
	case isJSON(body):
		f.describeJSON(header, body)
	case isHTML(header, body):
		f.Page, f.OwnPage = true, header.Get(requestIDHeader) != ""
		f.Message = "HTML page instead of JSON"
	default:
		f.Message = firstLine(body)
	}
	f.RequestID = cmp.Or(f.RequestID, requestIDIn(f.Message))
}

func (f *Failure) describeJSON(header http.Header, body []byte) {
	r, _ := decodeResponse(body)
	f.Type, f.Param = r.root.at("error.type").text(), r.root.at("error.param").text()
	f.Code, f.Message = r.root.code(), r.root.reason()
	if message := r.root.at("message").text(); f.Code == "" && isOwnCode(message) {
		f.Code = message
	}
	f.TaskID = r.root.firstID(taskIDPlaces)
	isError := f.Code != "" || f.Message != ""
	hasOwnID := header.Get(requestIDHeader) != "" || f.Type != "" && requestIDIn(f.Message) != ""
	f.Relay = isError && hasOwnID || f.Type == "new_api_error" || isOwnCode(f.Code)
	isDocumented := f.Type != "" && r.root.at("error.message").text() != ""
	isEnvelope := isWord(f.Code) && f.Message != "" && r.root.at("error") == nil && r.root.has("data")
	f.Worded = f.Relay || isDocumented || isEnvelope
	if f.StatusCode/100 == 2 {
		f.Worded = f.Worded || MeaningOf(f.StatusCode, f.Code) != Unexpected
		isRefused := f.Type != "" || r.isUnsuccessful() || effective(f.StatusCode, f.Code) != f.StatusCode
		f.Rejected = isRefusal(string(r.Code)) || isRefusal(f.Code) || f.Relay && isRefused
	}
}

// keep keeps the beginning of a body.
func (f *Failure) keep(body []byte) {
	if len(body) > keptBody {
		body = withoutLastWord(body[:keptBody])
	}
	f.Body = string(body)
}

// withoutLastWord removes the word that text was cut in: it may be part of a key, which is
// only recognized if it is complete.
func withoutLastWord(text []byte) []byte {
	return text[:bytes.LastIndexAny(text, " \t\r\n\"',;:=&<>(){}[]")+1]
}

// isWord reports whether a code is not a number. A gateway's code repeats its status.
func isWord(code string) bool { return code != "" && !isNumber(code) }

func isNumber(s string) bool {
	_, err := strconv.Atoi(s)
	return err == nil
}

// requestIDHeader is the header with New API's ID of a request.
const requestIDHeader = "X-Oneapi-Request-Id"

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
