package worker

import (
	"maps"
	"sync"
)

// kinds counts results by kind.
type kinds struct {
	mu     sync.Mutex
	counts map[string]int64
}

func (k *kinds) add(kind string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.counts == nil {
		k.counts = map[string]int64{}
	}
	k.counts[kind]++
}

// Kinds returns how many results the worker has stored, by kind.
func (w *Worker) Kinds() map[string]int64 {
	w.stats.kinds.mu.Lock()
	defer w.stats.kinds.mu.Unlock()
	return maps.Clone(w.stats.kinds.counts)
}
