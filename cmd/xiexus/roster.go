package main

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go"
)

// roster knows the tasks of a wait, in the order they were given. It is written
// and read by whoever gives the ids, asks, prints and draws.
type roster struct {
	lock    sync.Mutex
	known   map[string]bool // whether its wait has begun
	running map[string]*waiting
	ended   int
	failed  int // of those that ended
	widest  int // the length of the longest id
	began   time.Time
}

// waiting is a task that is waited for.
type waiting struct {
	id       string
	place    int // in the order given
	began    time.Time
	status   string // empty until it is first seen
	progress *int
	video    *received // while it comes
}

// received is how much of a video has come.
type received struct {
	began       time.Time
	first       int64 // what there was by then
	done, total int64 // total is -1 if it is not known
}

// downloading is the status of a task whose video is on its way.
const downloading = "downloading"

// tally counts the tasks of a roster.
type tally struct{ given, ended, failed int }

func newRoster() *roster {
	return &roster{known: map[string]bool{}, running: map[string]*waiting{}, began: time.Now()}
}

// expect notes a task whose wait is going to begin.
func (r *roster) expect(id string) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if _, known := r.known[id]; !known {
		r.note(id, false)
	}
}

// add begins the wait for a task and reports whether it has not begun before.
func (r *roster) add(id string) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	if begun, known := r.known[id]; known {
		r.known[id] = true
		return !begun
	}
	r.note(id, true)
	return true
}

// note writes down a task that is new. The caller holds the lock.
func (r *roster) note(id string, begun bool) {
	r.running[id] = &waiting{id: id, place: len(r.known), began: time.Now()}
	r.known[id] = begun
	r.widest = max(r.widest, shownLength(id))
}

// seen takes in what was read and reports whether that is news. An answer
// without progress does not change it.
func (r *roster) seen(task *xiexus.Task) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	w := r.running[task.TaskID]
	if w == nil {
		return true // the relay calls the task by another name
	}
	status, progress := string(task.Status), w.progress
	if task.Progress != nil {
		progress = task.Progress
	}
	news := status != w.status || percent(progress) != percent(w.progress)
	w.status, w.progress = status, progress
	return news
}

// received takes in how much of a task's video has come.
func (r *roster) received(id string, done, total int64) {
	r.lock.Lock()
	defer r.lock.Unlock()
	w := r.running[id]
	if w == nil {
		return
	}
	if w.video == nil || done < w.video.first { // it has begun anew
		w.video = &received{began: time.Now(), first: done}
	}
	w.status, w.video.done, w.video.total = downloading, done, total
	w.progress = nil
	if total > 0 {
		percent := int(100 * done / total)
		w.progress = &percent
	}
}

// end ends the wait for a task and returns its place in the order given.
func (r *roster) end(id string, err error) (place int) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if w := r.running[id]; w != nil {
		place = w.place
	}
	delete(r.running, id)
	r.ended++
	if err != nil {
		r.failed++
	}
	return place
}

func (r *roster) tally() tally {
	r.lock.Lock()
	defer r.lock.Unlock()
	return tally{given: len(r.known), ended: r.ended, failed: r.failed}
}

// width is the length of the longest id so far.
func (r *roster) width() int {
	r.lock.Lock()
	defer r.lock.Unlock()
	return r.widest
}

// upTo returns the running tasks in the order given, as they are now, if there
// are at most so many.
func (r *roster) upTo(most int) ([]waiting, bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if len(r.running) > most {
		return nil, false
	}
	return r.inOrder(), true
}

// stillRunning returns the ids of the running tasks, in the order given.
func (r *roster) stillRunning() []string {
	r.lock.Lock()
	defer r.lock.Unlock()
	var ids []string
	for _, w := range r.inOrder() {
		ids = append(ids, w.id)
	}
	return ids
}

// inOrder copies the running tasks. The caller holds the lock.
func (r *roster) inOrder() []waiting {
	tasks := make([]waiting, 0, len(r.running))
	for w := range maps.Values(r.running) {
		task := *w
		if w.video != nil {
			video := *w.video
			task.video = &video
		}
		tasks = append(tasks, task)
	}
	slices.SortFunc(tasks, func(a, b waiting) int { return cmp.Compare(a.place, b.place) })
	return tasks
}
