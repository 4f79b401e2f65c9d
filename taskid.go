package xiexus

import (
	"strings"
	"unicode"

	"github.com/xiexus/xiexus-go/internal/auth"
)

// maxTaskID is the longest id that is asked for, in bytes. Relays refuse long URLs.
const maxTaskID = 512

// checkTaskID returns an error that is ErrInvalidTaskID for an id that would ask
// for another path, that no relay has, or that is the key in the wrong place.
func (c *Client) checkTaskID(id string) error {
	switch {
	case id == "":
		return &invalidTaskIDError{reason: "is empty"}
	case c.knownKey.In([]byte(id)):
		return &invalidTaskIDError{id: auth.Redacted, reason: "holds the API key"}
	case len(id) > maxTaskID:
		return &invalidTaskIDError{id: id[:40] + "…", reason: "is longer than 512 bytes"}
	case id == "." || id == "..":
		return &invalidTaskIDError{id: id, reason: "is a relative path"}
	case strings.Contains(id, "/"):
		return &invalidTaskIDError{id: id, reason: "holds a slash"}
	case strings.ContainsFunc(id, unicode.IsControl):
		return &invalidTaskIDError{id: id, reason: "holds a control character"}
	}
	return nil
}
