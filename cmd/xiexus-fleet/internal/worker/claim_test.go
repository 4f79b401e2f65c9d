package worker

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/order"
)

func TestMaySend(t *testing.T) {
	now := time.Now()
	tests := []struct {
		name   string
		stored order.Claim
		want   bool
	}{
		{"just claimed", order.Claim{State: order.Submitting, Owner: "a", At: now}, true},
		{"claimed, but the response was lost", order.Claim{State: order.Submitting, Owner: "a", At: now.Add(-30 * time.Second)}, true},
		{"claimed before a long outage", order.Claim{State: order.Submitting, Owner: "a", At: now.Add(-2 * time.Minute)}, false},
		{"given up by another worker meanwhile", order.Claim{State: order.Uncertain, Owner: "a", At: now}, false},
		{"claimed by another worker", order.Claim{State: order.Submitting, Owner: "b", At: now}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { require.Equal(t, tt.want, maySend(tt.stored, "a", now)) })
	}
}
