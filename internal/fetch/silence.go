package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// silence ends a connection that has been silent for too long.
type silence struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	longest time.Duration
	timer   *time.Timer // nil where silence is no matter
}

// watch returns a context that ends when nothing was heard for longer than that.
func watch(ctx context.Context, longest time.Duration) (context.Context, *silence) {
	ctx, cancel := context.WithCancelCause(ctx)
	s := &silence{ctx: ctx, cancel: cancel, longest: longest}
	if longest > 0 {
		s.timer = time.AfterFunc(longest, func() { cancel(incomplete("nothing came for %s", longest)) })
	}
	return ctx, s
}

// listen begins anew to count.
func (s *silence) listen() {
	if s.timer != nil {
		s.timer.Reset(s.longest)
	}
}

// pause stops to count while nobody listens: a target may take its time.
func (s *silence) pause() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

func (s *silence) stop() {
	s.pause()
	s.cancel(nil)
}

// explain returns the silence in place of what it did to the connection.
func (s *silence) explain(err error) error {
	if cause := context.Cause(s.ctx); errors.Is(cause, ErrIncomplete) {
		return cause
	}
	return err
}

// beginning reads an answer's body, and refuses one that begins like no video.
type beginning struct {
	source  *http.Response
	silence *silence
	seen    bool
}

func (b *beginning) Read(p []byte) (int, error) {
	n, err := 0, b.silence.ctx.Err() // a connection may take a while to notice
	if err == nil {
		b.silence.listen()
		n, err = b.source.Body.Read(p)
		b.silence.pause()
	}
	if n > 0 && !b.seen && b.source.StatusCode == http.StatusOK {
		b.seen = true
		if err := checkVideo(b.source.Header, p[:n]); err != nil {
			return 0, err
		}
	}
	switch {
	case err == nil, err == io.EOF, errors.Is(err, ErrData):
		return n, err
	case errors.Is(b.silence.explain(err), ErrIncomplete):
		return n, b.silence.explain(err)
	}
	return n, fmt.Errorf("%w: %w", ErrIncomplete, err)
}
