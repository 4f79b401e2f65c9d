package xiexus_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/xiexustest"
)

// untrusted is a transport whose first attempts meet a certificate that is not trusted.
type untrusted struct {
	attempts, failing int
	network           http.RoundTripper
}

func (u *untrusted) RoundTrip(req *http.Request) (*http.Response, error) {
	if u.attempts++; u.attempts <= u.failing {
		return nil, &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}
	}
	return u.network.RoundTrip(req)
}

func TestClient_UntrustedServerIsNotTriedAgain(t *testing.T) {
	relay := newRelay(t)
	relay.Add("task", xiexustest.Completes(0, ""))
	for name, request := range map[string]func(*xiexus.Client) error{
		"Get": func(client *xiexus.Client) error {
			_, err := client.Get(t.Context(), "task")
			return err
		},
		"Create": func(client *xiexus.Client) error {
			_, err := client.Create(t.Context(), pianoCat)
			return err
		},
		"download from the relay": func(client *xiexus.Client) error {
			_, err := client.Download(t.Context(), taskAt(""), io.Discard)
			return err
		},
		"download from a CDN": func(client *xiexus.Client) error {
			_, err := client.Download(t.Context(), taskAt(atCDN), io.Discard)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			network := &untrusted{failing: 99}
			err := request(newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network}), xiexus.WithDownloadTransport(network)))
			require.ErrorIs(t, err, xiexus.ErrUnavailable)
			require.ErrorContains(t, err, "certificate signed by unknown authority")
			require.Equal(t, 1, network.attempts)
		})
	}
}

// A certificate is not the relay's word about a task: it may be renewed.
func TestWait_OutlivesUntrustedServers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		relay := newRelay(t)
		relay.Add("task", xiexustest.Completes(0, video))
		network := &untrusted{failing: 5, network: relay.HTTPClient().Transport}
		client := newClient(t, relay, xiexus.WithHTTPClient(&http.Client{Transport: network}))
		task, err := client.Wait(t.Context(), "task")
		require.NoError(t, err)
		require.Equal(t, video, task.URL)
		require.Equal(t, 6, network.attempts)

		network.attempts, network.failing = 0, 1<<20
		start := time.Now()
		_, err = client.Wait(t.Context(), "task", xiexus.WithMaxWait(10*time.Minute))
		require.ErrorIs(t, err, xiexus.ErrWaitTimeout)
		require.ErrorContains(t, err, "certificate")
		require.Equal(t, 10*time.Minute, time.Since(start))
		require.Less(t, network.attempts, 20)
	})
}

func TestClient_RetryAfterIsAtLeastASecond(t *testing.T) {
	const own = 250 * time.Millisecond // without a value that counts
	for value, least := range map[string]time.Duration{
		"0.001": time.Second, "0.000000001": time.Second, ".5": time.Second, "1": time.Second, "3": 3 * time.Second, "0": own, "-1": own, "": own,
	} {
		t.Run(fmt.Sprintf("%q", value), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				busy := xiexustest.Fault{Status: http.StatusTooManyRequests, RetryAfter: value}
				relay := newRelay(t)
				relay.Add("task", endless)
				relay.Fail("task", busy, busy, busy)
				relay.FailCreates(busy, busy, busy)
				client := newClient(t, relay)
				_, err := client.Get(t.Context(), "task")
				require.ErrorIs(t, err, xiexus.ErrRateLimited)
				_, err = client.Create(t.Context(), pianoCat)
				require.ErrorIs(t, err, xiexus.ErrRateLimited)
				polls := polledAt(relay)
				require.Len(t, polls, 6)
				for i, at := range polls {
					if i%3 != 0 {
						require.GreaterOrEqual(t, at-polls[i-1], least, "request %d", i)
					}
				}
			})
		})
	}
}
