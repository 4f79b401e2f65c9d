// Package order defines how create requests are stored, and the claims that keep each from
// being sent twice.
package order

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
	"github.com/xiexus/xiexus-go/internal/requestfile"
)

// Order is the message for a create request.
type Order struct {
	// Key identifies the request.
	Key string
	// Fields are the fields of the request, which are sent as they are.
	Fields requestfile.Fields
}

// message is an Order in JSON. Fields may be added, and keep their meaning.
type message struct {
	Version int                `json:"v"`
	Key     string             `json:"key"`
	Request requestfile.Fields `json:"request"`
}

// Encode returns the message.
func (o Order) Encode() ([]byte, error) { return json.Marshal(message{shard.Version, o.Key, o.Fields}) }

// validKey matches the keys of requests.
var validKey = regexp.MustCompile(`^[0-9a-f]{32}(-[0-9]{1,9})?$`)

// Decode returns the order of a message. It returns [shard.ErrNewer] if it is not of this
// release.
func Decode(data []byte) (Order, error) {
	if err := shard.CheckVersion(data); err != nil {
		return Order{}, fmt.Errorf("create request: %w", err)
	}
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return Order{}, fmt.Errorf("create request: %w", err)
	}
	switch {
	case !validKey.MatchString(m.Key):
		return Order{}, errors.New("create request: it has no key")
	case m.Request == nil:
		return Order{}, errors.New("create request: it has no fields")
	}
	return Order{m.Key, m.Request}, nil
}

// Key returns the key of a request in a run: the same request in another run is another one.
// Without a name of the run it is the key that the request has in its file.
func Key(run string, request requestfile.Request) string {
	if run == "" {
		return request.Key
	}
	sum := sha256.Sum256([]byte(run + "\n" + request.Key))
	return hex.EncodeToString(sum[:16])
}
