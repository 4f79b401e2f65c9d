package shard

import (
	"fmt"
	"strconv"
	"strings"
)

// Subject returns the subject of a shard: its ID, and how many tasks it had at first. The
// subjects of a stream say what it has without a read of the messages.
func (s Shard) Subject(prefix string) string {
	return fmt.Sprintf("%s%s.%d", prefix, s.ID, len(s.TaskIDs))
}

// ParseSubject returns what a subject says about its shard.
func ParseSubject(prefix, subject string) (id string, tasks int, ok bool) {
	rest, ok := strings.CutPrefix(subject, prefix)
	if !ok {
		return "", 0, false
	}
	id, count, ok := strings.Cut(rest, ".")
	if !ok {
		return "", 0, false
	}
	tasks, err := strconv.Atoi(count)
	if err != nil || tasks < 0 || !validID.MatchString(id) {
		return "", 0, false
	}
	return id, tasks, true
}
