package main

import (
	"bytes"
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// The widths of a bar's columns. The time has what it needs, and the id what is
// left, as far as it needs it.
const (
	columnGap    = 2
	shortestID   = 12
	statusWidth  = 11 // in_progress
	percentWidth = 4
	shortestBar  = 6
	longestBar   = 32
)

// picture draws the tasks of a roster as lines of text.
type picture struct {
	tasks   *roster
	crowded bool // there were too many tasks for the screen
}

var barStyle = mpb.BarStyle().Build()

// lines returns one line a running task, and one for all of them if they are,
// or ever were, too many for the screen. There is at least one line.
func (p *picture) lines(columns, rows int) []string {
	columns = max(columns-1, 0) // writing to the last one makes some terminals begin a new line
	room := rows - 3            // the line for all, that of the cursor, one of what is written above
	if p.crowded {
		room /= 2 // not to and fro
	}
	running, fit := p.tasks.upTo(room)
	p.crowded = p.crowded || !fit
	lines := taskLines(running, columns)
	if p.crowded || len(lines) == 0 {
		lines = append(lines, p.total(columns))
	}
	return lines
}

func taskLines(running []waiting, columns int) []string {
	var longestID, longestTime int
	for _, w := range running {
		longestID = max(longestID, runewidth.StringWidth(oneLine(w.id)))
		longestTime = max(longestTime, len(elapsed(w.began)))
	}
	rest := columns - statusWidth - percentWidth - longestTime - 3*columnGap
	if withBar := rest - shortestBar - columnGap; withBar >= shortestID {
		rest = withBar // else there is no room for bars
	}
	idWidth := max(0, min(longestID, rest))

	var lines []string
	for _, w := range running {
		id := runewidth.Truncate(oneLine(w.id), idWidth, "…")
		text := fmt.Sprintf("%s  %-*s  %*s  %*s", runewidth.FillRight(id, idWidth), statusWidth, w.status,
			percentWidth, percent(w.progress), longestTime, elapsed(w.began))
		if w.video != nil {
			text = withFacts(text, w.video.facts(), columns)
		}
		lines = append(lines, w.withBar(text, columns))
	}
	return lines
}

func (w waiting) withBar(text string, columns int) string {
	if w.progress == nil {
		return runewidth.Truncate(text, columns, "…")
	}
	return withBar(text, columns, *w.progress, 100)
}

// withFacts puts as many facts behind a text as there is room for.
func withFacts(text string, facts []string, columns int) string {
	for _, fact := range facts {
		longer := text + strings.Repeat(" ", columnGap) + fact
		if runewidth.StringWidth(longer) > columns {
			break
		}
		text = longer
	}
	return text
}

// facts say how much has come, how fast, and how long the rest will take.
func (r *received) facts() []string {
	have := fmt.Sprintf("% .1f", decor.SizeB1024(r.done))
	if r.total > 0 {
		have += fmt.Sprintf(" of % .1f", decor.SizeB1024(r.total))
	}
	seconds := time.Since(r.began).Seconds()
	rate := float64(r.done-r.first) / seconds
	if seconds < 1 || rate < 1 {
		return []string{have}
	}
	facts := []string{have, fmt.Sprintf("% .1f/s", decor.SizeB1024(rate))}
	if left := float64(r.total-r.done) / rate; left > 0 {
		facts = append(facts, clock(int(left))+" left")
	}
	return facts
}

// total is the line for all tasks.
func (p *picture) total(columns int) string {
	tally := p.tasks.tally()
	text := fmt.Sprintf("%d of %d ended", tally.ended, tally.given)
	if tally.failed > 0 {
		text += fmt.Sprintf(", %d failed", tally.failed)
	}
	text += "  " + elapsed(p.tasks.began)
	return withBar(text, columns, tally.ended, tally.given)
}

// withBar puts a bar behind the text if there is room for one.
func withBar(text string, columns, current, total int) string {
	room := min(columns-runewidth.StringWidth(text)-columnGap, longestBar)
	if room < shortestBar {
		return runewidth.Truncate(text, columns, "…")
	}
	var bar bytes.Buffer
	_ = barStyle.Fill(&bar, decor.Statistics{AvailableWidth: room, Current: int64(max(0, min(current, total))), Total: int64(total)})
	return text + strings.Repeat(" ", columnGap) + bar.String()
}

// elapsed is the time since a moment, as clocks show it.
func elapsed(since time.Time) string { return clock(int(time.Since(since).Seconds())) }

func clock(seconds int) string {
	if seconds < 3600 {
		return fmt.Sprintf("%d:%02d", seconds/60, seconds%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}
