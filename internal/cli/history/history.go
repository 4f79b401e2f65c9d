package history

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"sync"
	"time"
)

// History is the history in a directory. A nil *History is empty and records nothing. Its
// methods are safe for concurrent use, also by several processes.
type History struct {
	store  store
	redact func([]byte) []byte
	warn   func(error)

	lock   sync.Mutex
	failed bool
	loaded bool
	tasks  map[task]Entry // those whose IDs are known
}

// task identifies a task.
type task struct{ baseURL, id string }

// Open returns the history in a directory, which is made when there is something to record.
// Entries are stored as redact returns their JSON. A history never fails its caller: warn
// is called once, with the first error, and from then on nothing is recorded.
func Open(dir string, redact func([]byte) []byte, warn func(error)) *History {
	return &History{
		store: store{dir: dir, maxSize: defaultMaxSize}, redact: redact, warn: warn, tasks: map[task]Entry{},
	}
}

// Begin records that a request is about to be sent. It returns the entry, which is to be
// completed and passed to [History.Record].
func (h *History) Begin(ctx context.Context, entry Entry) Entry {
	entry.Key, entry.SubmittedAt, entry.State = rand.Text(), time.Now().UTC().Truncate(time.Millisecond), Submitting
	h.Record(ctx, entry)
	return entry
}

// Record records an entry in place of an earlier one with the same key. It does so even
// after ctx has ended.
func (h *History) Record(ctx context.Context, entry Entry) {
	if h == nil {
		return
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.record(context.WithoutCancel(ctx), entry)
}

func (h *History) record(ctx context.Context, entry Entry) {
	if h.failed {
		return
	}
	entry.Prompt = string(h.redact([]byte(entry.Prompt))) // before it is cut
	line, err := json.Marshal(entry.limited())
	if err == nil {
		// A power failure may cost the end of a task, which can be read again, but no ID.
		err = h.store.append(ctx, h.redact(line), !entry.State.Ended())
	}
	if err != nil {
		h.failed = true
		h.warn(err)
		return
	}
	if entry.TaskID != "" {
		h.tasks[task{entry.BaseURL, entry.TaskID}] = entry
	}
}

// Update records a change of the entry of a task. It does nothing if the task is not in the
// history, or does not change.
func (h *History) Update(ctx context.Context, baseURL, taskID string, change func(*Entry)) {
	if h == nil {
		return
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	ctx = context.WithoutCancel(ctx)
	h.load(ctx)
	entry, known := h.tasks[task{baseURL, taskID}]
	if !known {
		return
	}
	before := entry
	if change(&entry); entry != before {
		h.record(ctx, entry)
	}
}

// load reads the history, unless that has been done. What cannot be read is not updated.
func (h *History) load(ctx context.Context) {
	if h.loaded {
		return
	}
	h.loaded = true
	entries, _ := h.store.read(ctx)
	for _, entry := range entries {
		id := task{entry.BaseURL, entry.TaskID}
		if _, newer := h.tasks[id]; !newer && entry.TaskID != "" {
			h.tasks[id] = entry
		}
	}
}

// Read returns the entries of the history in a directory, in the order in which they were
// submitted.
func Read(ctx context.Context, dir string) ([]Entry, error) {
	return store{dir: dir}.read(ctx)
}
