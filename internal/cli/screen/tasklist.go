package screen

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/xiexus/xiexus-go"
)

// TaskList is the state of the tasks of a wait, in the order they were given. It
// is safe for concurrent use.
type TaskList struct {
	lock    sync.Mutex
	started map[string]bool // false for a task that was only announced
	running map[string]*runningTask
	active  int // running tasks that are not queued
	ended   int
	failed  int // of those that ended
	idWidth int
	since   time.Time
}

// runningTask is a task that is waited for, or whose video is downloaded.
type runningTask struct {
	id       string
	index    int // in the order given
	since    time.Time
	status   string // empty until the task was first read
	progress *int
	download *download // nil until bytes were received
}

// statusDownloading is the status of a task whose video is being downloaded.
const statusDownloading = "downloading"

// Counts are the numbers of tasks of a [TaskList]. Those that have not ended are active
// or queued.
type Counts struct{ Given, Ended, Failed, Active int }

// NewTaskList returns an empty list.
func NewTaskList() *TaskList {
	return &TaskList{started: map[string]bool{}, running: map[string]*runningTask{}, since: time.Now()}
}

// Announce adds a task whose wait has not started yet.
func (l *TaskList) Announce(id string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if _, known := l.started[id]; !known {
		l.add(id)
	}
}

// Start starts the wait for a task. It reports false if that was done before.
func (l *TaskList) Start(id string) bool {
	l.lock.Lock()
	defer l.lock.Unlock()
	started, known := l.started[id]
	if !known {
		l.add(id)
	}
	l.started[id] = true
	return !started
}

// add adds a new task. The caller holds the lock.
func (l *TaskList) add(id string) {
	l.running[id] = &runningTask{id: id, index: len(l.started), since: time.Now()}
	l.started[id] = false
	l.idWidth = max(l.idWidth, Length(id))
}

// update records a task as last read and reports whether anything changed. A
// response without progress keeps the progress reported before.
func (l *TaskList) update(task *xiexus.Task) (changed bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	t := l.running[task.TaskID]
	if t == nil {
		return true
	}
	status, progress := string(task.Status), t.progress
	if task.Progress != nil {
		progress = task.Progress
	}
	changed = status != t.status || percent(progress) != percent(t.progress)
	l.set(t, status, progress)
	return changed
}

// set sets the status and the progress of a task. The caller holds the lock.
func (l *TaskList) set(t *runningTask, status string, progress *int) {
	if t.isActive() {
		l.active--
	}
	t.status, t.progress = status, progress
	if t.isActive() {
		l.active++
	}
}

// isActive reports whether a task has been read and is not queued.
func (t *runningTask) isActive() bool {
	return t.status != "" && t.status != string(xiexus.StatusQueued)
}

// Downloaded records how many bytes of a task's video there are, and its size,
// which is -1 if it is not known.
func (l *TaskList) Downloaded(id string, received, size int64) {
	l.lock.Lock()
	defer l.lock.Unlock()
	t := l.running[id]
	if t == nil {
		return
	}
	if t.download == nil || received < t.download.initial { // the download has started over
		t.download = &download{since: time.Now(), initial: received}
	}
	t.download.received, t.download.size = received, size
	var progress *int
	if size > 0 {
		percent := int(100 * received / size)
		progress = &percent
	}
	l.set(t, statusDownloading, progress)
}

// End ends the wait for a task, or its download. It returns the task's index in the order
// given, and how long the wait and the download took.
func (l *TaskList) End(id string, err error) (index int, elapsed time.Duration) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if t := l.running[id]; t != nil {
		index, elapsed = t.index, time.Since(t.since)
		l.set(t, "", nil)
	}
	delete(l.running, id)
	l.ended++
	if err != nil {
		l.failed++
	}
	return index, elapsed
}

// Counts returns the current numbers of tasks.
func (l *TaskList) Counts() Counts {
	l.lock.Lock()
	defer l.lock.Unlock()
	return Counts{Given: len(l.started), Ended: l.ended, Failed: l.failed, Active: l.active}
}

// IDWidth returns the length of the longest ID so far, as it is printed.
func (l *TaskList) IDWidth() int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.idWidth
}

// Running returns the IDs of the running tasks, in the order given.
func (l *TaskList) Running() []string {
	l.lock.Lock()
	defer l.lock.Unlock()
	var ids []string
	for _, task := range l.inOrder() {
		ids = append(ids, task.id)
	}
	return ids
}

// snapshot copies the running tasks, in the order given, if there are at most
// limit of them.
func (l *TaskList) snapshot(limit int) (tasks []runningTask, ok bool) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if len(l.running) > limit {
		return nil, false
	}
	return l.inOrder(), true
}

// inOrder copies the running tasks. The caller holds the lock.
func (l *TaskList) inOrder() []runningTask {
	tasks := make([]runningTask, 0, len(l.running))
	for _, running := range l.running {
		task := *running
		if task.download != nil {
			download := *task.download
			task.download = &download
		}
		tasks = append(tasks, task)
	}
	slices.SortFunc(tasks, func(a, b runningTask) int { return cmp.Compare(a.index, b.index) })
	return tasks
}
