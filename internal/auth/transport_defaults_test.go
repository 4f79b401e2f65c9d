package auth_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/internal/auth"
)

func TestTransport_Defaults(t *testing.T) {
	defaults := http.Header{"Accept": {"application/json"}, "User-Agent": {"xiexus-go/1"}}
	tests := []struct {
		name        string
		set         http.Header
		accept, use []string
	}{
		{"nothing set", nil, []string{"application/json"}, []string{"xiexus-go/1"}},
		{"one set", http.Header{"Accept": {"video/mp4"}}, []string{"video/mp4"}, []string{"xiexus-go/1"}},
		{"set twice", http.Header{"Accept": {"a/a", "b/b"}}, []string{"a/a", "b/b"}, []string{"xiexus-go/1"}},
		{"set to nothing", http.Header{"User-Agent": {""}}, []string{"application/json"}, []string{""}},
		{"suppressed, as in net/http", http.Header{"User-Agent": nil}, []string{"application/json"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			req := newRequest(t, home)
			req.Header = tt.set.Clone()
			sent := send(t, auth.Static(parseKey(t, plainKey)), defaults, req)
			require.Equal(t, tt.accept, sent.Header["Accept"])
			require.Equal(t, tt.use, sent.Header["User-Agent"])
			require.Equal(t, tt.set, req.Header)
		})
	}
	require.Equal(t, http.Header{"Accept": {"application/json"}, "User-Agent": {"xiexus-go/1"}}, defaults)
}

func TestTransport_KeyReplacesADefault(t *testing.T) {
	defaults := http.Header{"Authorization": {"Basic defaults"}}
	sent := send(t, auth.Static(parseKey(t, plainKey)), defaults, newRequest(t, home))
	require.Equal(t, []string{"Bearer " + plainKey}, sent.Header["Authorization"])
}
