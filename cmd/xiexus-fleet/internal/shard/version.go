package shard

import (
	"encoding/json"
	"errors"
)

// Version is the version of everything that is stored. It changes when this release could not
// read it any more.
const Version = 1

// ErrNewer means that a newer release has written something, which this one cannot read.
var ErrNewer = errors.New("written by a newer release of xiexus-fleet; update this one")

// CheckVersion returns [ErrNewer] if a newer release has written a JSON object: the fields may
// have other types there.
func CheckVersion(data []byte) error {
	var object struct {
		Version int `json:"v"`
	}
	if err := json.Unmarshal(data, &object); err != nil {
		return err
	}
	if object.Version > Version {
		return ErrNewer
	}
	return nil
}
