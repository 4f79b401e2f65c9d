package main

import "sync"

// workers does jobs in the order they come, so many at once. It keeps no
// goroutine without a job.
type workers struct {
	most int

	lock    sync.Mutex
	jobs    []func()
	at      int // work
	running sync.WaitGroup
}

// add begins a job, or lets it wait for its turn.
func (w *workers) add(job func()) {
	w.lock.Lock()
	defer w.lock.Unlock()
	w.jobs = append(w.jobs, job)
	if w.at < w.most {
		w.at++
		w.running.Go(w.work)
	}
}

func (w *workers) work() {
	for job := w.next(); job != nil; job = w.next() {
		job()
	}
}

// next takes a job, or nil, which ends a worker.
func (w *workers) next() func() {
	w.lock.Lock()
	defer w.lock.Unlock()
	if len(w.jobs) == 0 {
		w.at--
		return nil
	}
	job := w.jobs[0]
	w.jobs = w.jobs[1:]
	return job
}

// wait waits until all jobs are done. No more may come then.
func (w *workers) wait() { w.running.Wait() }
