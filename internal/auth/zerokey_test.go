package auth_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestTransportSendsNothingWithTheZeroKey(t *testing.T) {
	base := &network{}
	transport := &auth.Transport{Base: base, Origin: originOf(t, home), Source: auth.Static(auth.Key{})}
	req := newRequest(t, t.Context(), home)
	b := &body{Reader: strings.NewReader("x")}
	req.Body = b
	_, err := transport.RoundTrip(req)
	require.ErrorIs(t, err, auth.ErrNoKey)
	require.Empty(t, base.sent)
	require.True(t, b.closed)
}
