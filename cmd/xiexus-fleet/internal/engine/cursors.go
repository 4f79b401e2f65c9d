package engine

import (
	"context"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The headers of stored cursors.
const (
	headerTasks = "Xiexus-Tasks"
	headerSince = "Xiexus-Since"
)

// CursorsInfo is what is said about the cursors of a shard next to them, so that waiting tasks
// can be counted without the cursors.
type CursorsInfo struct {
	// Tasks is how many tasks of the shard have not ended.
	Tasks int
	// Since is when the first of them was polled first; zero if none has been polled.
	Since time.Time
}

// PutCursors stores the cursors of a shard, by its ID, if their revision is still the one that
// is given: 0 if there are none. It returns the new one. Otherwise the error is a conflict.
func (e *Engine) PutCursors(ctx context.Context, id string, cursors []byte, info CursorsInfo, revision uint64) (uint64, error) {
	header := nats.Header{headerTasks: {strconv.Itoa(info.Tasks)}}
	if !info.Since.IsZero() {
		header.Set(headerSince, info.Since.UTC().Format(time.RFC3339))
	}
	message := &nats.Msg{Subject: cursorsSubject(e.Cursors.Bucket()) + id, Header: header, Data: cursors}
	ack, err := e.JS.PublishMsg(ctx, message, jetstream.WithExpectLastSequencePerSubject(revision))
	if err != nil {
		return 0, err
	}
	return ack.Sequence, nil
}

// cursorsSubject returns the prefix of the subjects of a bucket.
func cursorsSubject(bucket string) string { return "$KV." + bucket + "." }

// parseCursorsInfo returns what headers say, false if it is nothing.
func parseCursorsInfo(header nats.Header) (CursorsInfo, bool) {
	tasks, err := strconv.Atoi(header.Get(headerTasks))
	if err != nil || tasks < 0 {
		return CursorsInfo{}, false
	}
	since, _ := time.Parse(time.RFC3339, header.Get(headerSince)) // zero if there is none
	return CursorsInfo{Tasks: tasks, Since: since}, true
}
