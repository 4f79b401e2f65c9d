package screen

import (
	"fmt"
	"strings"
	"time"

	"github.com/mattn/go-runewidth"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// The widths of the columns of a line. The time is as wide as it needs to be,
// and the ID takes what is left, up to its own length.
const (
	columnGap    = 2
	minIDWidth   = 12
	statusWidth  = 11 // in_progress
	percentWidth = 4
	minBarWidth  = 6
	maxBarWidth  = 32
)

// renderer renders a task list as lines of text.
type renderer struct {
	tasks   *TaskList
	crowded bool // there were too many tasks for the terminal at some time
}

// lines returns a line for each running task, and one for all of them if they
// are, or ever were, too many for the terminal. It returns at least one line.
func (r *renderer) lines(columns, rows int) []string {
	columns = max(columns-1, 0) // some terminals start a new line after the last column
	limit := rows - 3           // the total, the cursor, and one line of other output
	if r.crowded {
		limit /= 2 // so that the display does not flip between the two forms
	}
	running, ok := r.tasks.snapshot(limit)
	r.crowded = r.crowded || !ok
	lines := taskLines(running, columns)
	if r.crowded || len(lines) == 0 {
		lines = append(lines, r.total(columns))
	}
	return lines
}

// total returns the line for all tasks.
func (r *renderer) total(columns int) string {
	counts := r.tasks.Counts()
	text := counts.ended()
	since := strings.Repeat(" ", columnGap) + elapsed(r.tasks.since)
	left := counts.Given - counts.Ended
	running := counts.running()
	if left > 0 && len(text+running+since) <= columns {
		text += running
	}
	text = withFacts(text+since, counts.estimate(time.Since(r.tasks.since)), columns)
	return withBar(text, columns, counts.Ended, counts.Given)
}

// ended says how many tasks have ended.
func (c Counts) ended() string {
	text := fmt.Sprintf("%d of %d ended", c.Ended, c.Given)
	if c.Failed > 0 {
		text += fmt.Sprintf(", %d failed", c.Failed)
	}
	return text
}

// running says what the other tasks are doing.
func (c Counts) running() string {
	return fmt.Sprintf(", %d running, %d queued", c.Active, c.Given-c.Ended-c.Active)
}

// estimate returns how long the tasks that have not ended will take, if those that have
// been completed are typical.
func (c Counts) estimate(elapsed time.Duration) []string {
	completed, left := c.Ended-c.Failed, c.Given-c.Ended
	if completed == 0 || left == 0 {
		return nil
	}
	seconds := elapsed.Seconds() * float64(left) / float64(completed)
	return []string{"about " + clock(int(seconds)) + " left"}
}

func taskLines(running []runningTask, columns int) []string {
	var timeWidth int
	for _, task := range running {
		timeWidth = max(timeWidth, len(elapsed(task.since)))
	}
	idWidth := idWidth(running, columns, timeWidth)
	var lines []string
	for _, task := range running {
		id := runewidth.FillRight(runewidth.Truncate(Line(task.id), idWidth, "…"), idWidth)
		text := fmt.Sprintf("%s  %-*s  %*s  %*s", id, statusWidth, task.status,
			percentWidth, percent(task.progress), timeWidth, elapsed(task.since))
		if task.download != nil {
			text = withFacts(text, task.download.facts(), columns)
		}
		if task.progress == nil {
			lines = append(lines, runewidth.Truncate(text, columns, "…"))
			continue
		}
		lines = append(lines, withBar(text, columns, *task.progress, 100))
	}
	return lines
}

// idWidth returns the width of the first column.
func idWidth(running []runningTask, columns, timeWidth int) int {
	var longest int
	for _, task := range running {
		longest = max(longest, runewidth.StringWidth(Line(task.id)))
	}
	room := columns - statusWidth - percentWidth - timeWidth - 3*columnGap
	if withBar := room - minBarWidth - columnGap; withBar >= minIDWidth {
		room = withBar // otherwise there is no room for bars
	}
	return max(0, min(longest, room))
}

// withFacts appends as many facts to a text as there is room for.
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

// withBar appends a bar to a text if there is room for one.
func withBar(text string, columns, current, total int) string {
	width := min(columns-runewidth.StringWidth(text)-columnGap, maxBarWidth)
	if width < minBarWidth {
		return runewidth.Truncate(text, columns, "…")
	}
	var bar strings.Builder
	_ = mpb.BarStyle().Build().Fill(&bar, decor.Statistics{
		AvailableWidth: width, Current: int64(max(0, min(current, total))), Total: int64(total),
	})
	return text + strings.Repeat(" ", columnGap) + bar.String()
}
