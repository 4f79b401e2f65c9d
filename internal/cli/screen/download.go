package screen

import (
	"fmt"
	"time"

	"github.com/dustin/go-humanize"
)

// download is how much of a video has been received.
type download struct {
	since          time.Time
	initial        int64 // received by an earlier download
	received, size int64 // size is -1 if it is not known
}

// facts returns how much was received, how fast, and how long the rest will
// take, as far as that is known.
func (d *download) facts() []string {
	amount := formatBytes(d.received)
	if d.size > 0 {
		amount += " of " + formatBytes(d.size)
	}
	seconds := time.Since(d.since).Seconds()
	rate := float64(d.received-d.initial) / seconds
	if seconds < 1 || rate < 1 {
		return []string{amount}
	}
	facts := []string{amount, formatBytes(int64(rate)) + "/s"}
	if rest := float64(d.size-d.received) / rate; rest > 0 {
		facts = append(facts, clock(int(rest))+" left")
	}
	return facts
}

func formatBytes(n int64) string { return humanize.IBytes(uint64(max(n, 0))) }

// elapsed returns the time since a moment in the format of a clock.
func elapsed(since time.Time) string { return clock(int(time.Since(since).Seconds())) }

func clock(seconds int) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
