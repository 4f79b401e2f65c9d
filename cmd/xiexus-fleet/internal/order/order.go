// Package order defines how create requests are stored, and the claims that keep each from
// being sent twice.
package order

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"

	"github.com/xiexus/xiexus-go"
	"github.com/xiexus/xiexus-go/cmd/xiexus-fleet/internal/shard"
)

const version = 1

// Order is the message for a create request.
type Order struct {
	// Key identifies the request.
	Key string
	// Request is a JSON object, which is sent as it is.
	Request json.RawMessage
}

// message is an Order in JSON. Fields may be added, and keep their meaning.
type message struct {
	Version int             `json:"v"`
	Key     string          `json:"key"`
	Request json.RawMessage `json:"request"`
}

// Encode returns the message.
func (o Order) Encode() ([]byte, error) { return json.Marshal(message{version, o.Key, o.Request}) }

// validKey matches the keys of requests.
var validKey = regexp.MustCompile(`^[0-9a-f]{32}(-[0-9]{1,9})?$`)

// Decode returns the order of a message. It returns [shard.ErrNewer] if it is not of this
// release.
func Decode(data []byte) (Order, error) {
	var m message
	if err := json.Unmarshal(data, &m); err != nil {
		return Order{}, fmt.Errorf("invalid create request: %w", err)
	}
	if m.Version > version {
		return Order{}, shard.ErrNewer
	}
	if !validKey.MatchString(m.Key) {
		return Order{}, errors.New("invalid create request: it has no key")
	}
	if !bytes.HasPrefix(m.Request, []byte("{")) {
		return Order{}, errors.New("invalid create request: it is not a JSON object")
	}
	return Order{m.Key, m.Request}, nil
}

// CreateRequest returns the request to send: what is known is decoded, to be checked, and
// everything is sent as it was given.
func (o Order) CreateRequest() (xiexus.CreateRequest, error) {
	var request xiexus.CreateRequest
	if err := json.Unmarshal(o.Request, &request); err != nil {
		return request, fmt.Errorf("%w: %w", xiexus.ErrInvalidRequest, err)
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(o.Request, &fields); err != nil {
		return request, fmt.Errorf("%w: %w", xiexus.ErrInvalidRequest, err)
	}
	request.Extra = make(map[string]any, len(fields))
	for name, value := range fields {
		request.Extra[name] = value
	}
	return request, nil
}

// Keys gives requests their keys: a hash of what they say and of the name of the run, so that
// lines may be added, moved and removed, and a number for the same request again. A file that
// is submitted twice has the same keys, and creates nothing twice.
type Keys struct {
	// Run is the name of the run: the same requests in another run are other requests.
	Run string

	copies map[string]int
}

// Next returns the key of the next request, which must be valid JSON.
func (k *Keys) Next(request json.RawMessage) (string, error) {
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader(request))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil {
		return "", err
	}
	canonical, err := json.Marshal(fields) // sorts the fields
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%d:%s", len(k.Run), k.Run)
	_, _ = hash.Write(canonical)
	key := hex.EncodeToString(hash.Sum(nil)[:16])
	if k.copies == nil {
		k.copies = map[string]int{}
	}
	k.copies[key]++
	if n := k.copies[key]; n > 1 {
		key = fmt.Sprintf("%s-%d", key, n)
	}
	return key, nil
}
