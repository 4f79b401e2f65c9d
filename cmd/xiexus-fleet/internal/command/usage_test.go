package command_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
)

const (
	waitTime = time.Minute
	tickTime = 50 * time.Millisecond
)

func TestUsage(t *testing.T) {
	t.Setenv(xiexus.EnvAPIKey, testKey)
	t.Setenv("NATS_URL", "")
	store := storeDir(t)
	tests := []struct{ name, args, want string }{
		{"no store", "results", "give --nats with the URLs of NATS servers, or --store with a directory"},
		{"two stores", "results --nats nats://127.0.0.1:1 --store x", "--nats and --store cannot be used together"},
		{"a name with a dot", "results --store x --name a.b", "--name must be"},
		{"many replicas", "results --store x --replicas 6", "--replicas must be between 1 and 5"},
		{"a certificate without its key", "results --nats nats://127.0.0.1:1 --nats-cert c.pem", "--nats-cert and --nats-key must be given together"},
		{"no IDs", "submit --store x", "give task IDs"},
		{"IDs and requests", "submit --store x a --requests f", "cannot be used together"},
		{"run without requests", "submit --store x a --run r", "--run requires --requests"},
		{"an empty shard", "submit --store x --shard 0 a", "--shard must be between 1 and 5000"},
		{"not a number", "submit --store x --shard many a", `--shard must be a whole number, got "many"`},
		{"a list of IDs", "submit --store x a,b", "contains a comma"},
		{"no file", "submit --store x @/no/such/file", "no such file"},
		{"empty input", "submit --store " + store + " -", "no task IDs given"},
		{"a long ID", "submit --store " + store + " " + strings.Repeat("x", 513), "is longer than 512 bytes"},
		{"another beginning", "results --store x --from yesterday", "--from must be begin or now"},
		{"both ends", "results --store x --follow --no-wait", "cannot be used together"},
		{"an argument", "work --store x y", "unknown command"},
		{"a negative rate limit", "work --store x --rate-limit -1", "--rate-limit must be 0 or between 0.001 and 100000"},
		{"a low rate limit", "work --store x --rate-limit 1e-12", "--rate-limit must be"},
		{"a high rate limit", "work --store x --rate-limit 1e9", "--rate-limit must be"},
		{"an infinite rate limit", "work --store x --rate-limit Inf", "--rate-limit must be"},
		{"a rate limit that is no number", "work --store x --rate-limit NaN", "--rate-limit must be"},
		{"concurrency", "work --store x --concurrency 0", "--concurrency must be between"},
		{"plain http", "work --store " + store + " --base-url http://relay.example.com", "insecure-http"},
		{"the key", "submit --store x " + testKey, "the command line contains the API key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := run(t.Context(), "", strings.Fields(tt.args)...)
			require.Equal(t, 2, got.code, got.err)
			require.Contains(t, got.err, tt.want)
			require.Equal(t, 1, strings.Count(got.err, "\n"), got.err)
			require.NotContains(t, got.err, testKey)
			require.Empty(t, got.out)
		})
	}
	require.NoDirExists(t, "x")
}

func TestWork_RequiresAKey(t *testing.T) {
	t.Setenv(xiexus.EnvAPIKey, "")
	got := run(t.Context(), "", "work", "--store", storeDir(t))
	require.Equal(t, 2, got.code)
	require.Contains(t, got.err, "no API key: set XIEXUS_API_KEY")
}

func TestHelp(t *testing.T) {
	for _, command := range []string{"", "submit", "work", "results"} {
		got := run(t.Context(), "", append(strings.Fields(command), "--help")...)
		require.Equal(t, 0, got.code)
		require.Contains(t, got.out, "--store")
		require.Empty(t, got.err)
	}
}
