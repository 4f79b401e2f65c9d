package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xiexus/xiexus-go/internal/retry"
)

// request is what a server was asked for.
type request struct {
	offset    int64
	validator string
}

func requestOf(header http.Header) request {
	digits := strings.TrimSuffix(strings.TrimPrefix(header.Get("Range"), "bytes="), "-")
	offset, _ := strconv.ParseInt(digits, 10, 64)
	return request{offset: offset, validator: header.Get("If-Range")}
}

// origin is a server of one video.
type origin struct {
	content  []byte
	tag      string
	ranges   bool
	length   int64 // in place of the true one; -1 is none
	piece    int   // bytes of a 206, 0 is all
	header   http.Header
	breaks   []int // after so many bytes, one for each response
	idle     bool  // sends nothing instead of breaking
	requests []request
}

var errBroken = errors.New("connection reset")

func (o *origin) RoundTrip(req *http.Request) (*http.Response, error) {
	part := requestOf(req.Header)
	o.requests = append(o.requests, part)
	header := http.Header{"Content-Type": {"video/mp4"}, "Etag": {o.tag}}
	maps.Copy(header, o.header)
	resp := &http.Response{StatusCode: http.StatusOK, Header: header, Request: req}
	content := o.content
	if o.ranges && part.offset > 0 && part.validator == o.tag {
		resp.StatusCode = http.StatusPartialContent
		content = content[part.offset:]
		if o.piece > 0 {
			content = content[:min(o.piece, len(content))]
		}
		last := int(part.offset) + len(content) - 1
		header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", part.offset, last, len(o.content)))
	}
	resp.ContentLength = int64(len(content))
	if o.length != 0 {
		resp.ContentLength = o.length
	}
	body := io.Reader(bytes.NewReader(content))
	if len(o.breaks) > 0 {
		end := io.Reader(brokenReader{})
		if o.idle {
			end = idleReader{req.Context()}
		}
		body = io.MultiReader(bytes.NewReader(content[:min(o.breaks[0], len(content))]), end)
		o.breaks = o.breaks[1:]
	}
	resp.Body = io.NopCloser(body)
	return resp, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errBroken }

type idleReader struct{ ctx context.Context }

func (r idleReader) Read([]byte) (int, error) {
	<-r.ctx.Done()
	return 0, r.ctx.Err()
}

// sink is a target in memory.
type sink struct {
	bytes.Buffer
	version  Version
	stream   bool // that cannot be taken back
	readable bool // although it is a stream
	restarts int
	notes    []Version

	extensions []string
}

func newSink(held string, version Version) *sink {
	s := &sink{version: version, readable: held != ""}
	s.WriteString(held)
	return s
}

func (s *sink) written() (io.Reader, Version) {
	if s.stream && !s.readable {
		return nil, Version{}
	}
	return bytes.NewReader(s.Bytes()), s.version
}

func (s *sink) restart() error {
	if s.stream {
		return errors.ErrUnsupported
	}
	s.restarts++
	s.Reset()
	return nil
}

func (s *sink) detected(extension string) error {
	s.extensions = append(s.extensions, extension)
	return nil
}

func (s *sink) note(version Version) error {
	s.notes = append(s.notes, version)
	return nil
}

var unknown = Version{Size: -1}

// newTransfer returns a transfer from a server.
func newTransfer(server http.RoundTripper) Transfer {
	client := Client{
		HTTP: &http.Client{Transport: server, CheckRedirect: CheckRedirect}, IdleTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler),
	}
	return Transfer{
		Open: func(ctx context.Context, offset int64, validator string) (*http.Response, error) {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://cdn.example.com", http.NoBody)
			if err != nil {
				return nil, err
			}
			return client.Open(req, offset, validator)
		},
		Retry: retry.Policy{
			MaxRetries: 2,
			Judge:      func(error) retry.Verdict { return retry.Verdict{} },
			Notify:     func(error, time.Duration) {},
		},
	}
}

// film returns a video that consists of the same bytes.
func film(filling string, size int) []byte {
	return []byte(mp4 + strings.Repeat(filling, size/len(filling)))[:size]
}

// mp4 is how an MP4 begins.
const mp4 = "\x00\x00\x00\x14ftypisom\x00\x00\x02\x00mp42\x00\x00\x00\x00mdat"

var video = film("0123456789abcdef", 1<<20)

func digestOf(content []byte) http.Header {
	sum := sha256.Sum256(content)
	return http.Header{"Repr-Digest": {"sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"}}
}

func repeat(n, times int) []int {
	all := make([]int, times)
	for i := range all {
		all[i] = n
	}
	return all
}
