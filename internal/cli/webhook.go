package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// newWebhookClient returns a client of its own: nothing of the client of the relay, such as
// the API key, gets into its requests. It does not follow redirects, which may drop the body.
func newWebhookClient() *http.Client {
	client := &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	if standard, ok := http.DefaultTransport.(*http.Transport); ok {
		client.Transport = standard.Clone()
	}
	return client
}

// post sends a task to the URL of --webhook. Its errors do not show the URL, which is often
// a secret.
func (h *hooks) post(ctx context.Context, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, h.options.webhook, bytes.NewReader(body))
	if err != nil {
		return errors.New("invalid URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "xiexus/"+version())
	resp, err := h.http.Do(req)
	var failed *url.Error
	switch {
	case errors.As(err, &failed):
		return failed.Err
	case err != nil:
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	const enough = 64 << 10 // for the connection to be used again
	_, _ = io.CopyN(io.Discard, resp.Body, enough)
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("response %s", resp.Status)
	}
	return nil
}
