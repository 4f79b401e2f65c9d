package plot

import (
	"math"
	"strings"
	"unicode/utf8"
)

// spot is a position in pixels, from the top left.
type spot struct{ x, y float64 }

// box is a rectangle in pixels, from its top left corner.
type box struct{ x, y, w, h float64 }

// overlap returns the area that two boxes share.
func (b box) overlap(other box) float64 {
	w := min(b.x+b.w, other.x+other.w) - max(b.x, other.x)
	h := min(b.y+b.h, other.y+other.h) - max(b.y, other.y)
	return max(w, 0) * max(h, 0)
}

// square returns the box around a circle.
func square(center spot, radius float64) box {
	return box{center.x - radius, center.y - radius, 2 * radius, 2 * radius}
}

const labelHeight = 12

// place returns the box of a label of a mark, inside the frame: of the positions around
// the mark, the one that overlaps least with the boxes that are taken. A position costs
// a square pixel more than the one before it, so that labels stay near their marks.
func place(label string, mark spot, frame box, taken []box) box {
	var best box
	least := math.Inf(1)
	w := textWidth(label, labelFont)
	for i, b := range positions(mark, w) {
		b.x = clamp(b.x, frame.x+2, frame.x+frame.w-w-2)
		b.y = clamp(b.y, frame.y+2, frame.y+frame.h-labelHeight-2)
		cost := float64(i)
		for _, t := range taken {
			cost += b.overlap(t)
		}
		if cost < least {
			best, least = b, cost
		}
	}
	return best
}

// positions returns boxes around a mark, the best first: beside it, then further and
// further below and above.
func positions(mark spot, w float64) []box {
	const space, step, steps = 7, 6, 8
	right, left, center := mark.x+space, mark.x-space-w, mark.x-w/2
	boxes := []box{
		{right, mark.y - labelHeight/2, w, labelHeight},
		{left, mark.y - labelHeight/2, w, labelHeight},
	}
	for i := range steps {
		below := mark.y + space + float64(step*i)
		above := 2*mark.y - below - labelHeight
		for _, x := range []float64{center, left, right} {
			boxes = append(boxes, box{x, below, w, labelHeight}, box{x, above, w, labelHeight})
		}
	}
	return boxes
}

// along returns boxes that cover a line.
func along(from, to spot) []box {
	const boxes, radius = 60, 1.5
	var covered []box
	for i := range boxes {
		f := float64(i) / (boxes - 1)
		covered = append(covered, square(spot{from.x + f*(to.x-from.x), from.y + f*(to.y-from.y)}, radius))
	}
	return covered
}

// Font sizes in pixels, as in the style.
const labelFont, textFont, captionFont, titleFont = 10, 10, 12, 17

// textWidth estimates the width of text. The font is the reader's: this is about that
// of DejaVu Sans, which is wider than most.
func textWidth(text string, font float64) float64 {
	const perCharacter = 0.54
	return float64(utf8.RuneCountInString(text)) * font * perCharacter
}

// wrap breaks text into at most so many lines of a width.
func wrap(text string, font, w float64, lines int) []string {
	var wrapped []string
	words := strings.Fields(text)
	for len(words) > 0 {
		n := len(words)
		for len(wrapped) < lines-1 && n > 1 && textWidth(strings.Join(words[:n], " "), font) > w {
			n--
		}
		wrapped = append(wrapped, cut(strings.Join(words[:n], " "), font, w))
		words = words[n:]
	}
	return wrapped
}

// cut returns text that fits into a width. An ellipsis stands for what is missing.
func cut(text string, font, w float64) string {
	if textWidth(text, font) <= w {
		return text
	}
	runes := []rune(text)
	for len(runes) > 0 && textWidth(string(runes)+"…", font) > w {
		runes = runes[:len(runes)-1]
	}
	return strings.TrimSpace(string(runes)) + "…"
}
