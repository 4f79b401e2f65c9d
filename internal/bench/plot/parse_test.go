package plot_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// drawing is what the tests read from an SVG document.
type drawing struct {
	frames []*frame
	texts  []string
}

// frame is a panel, with what is drawn after it and before the next.
type frame struct {
	x, y, w, h float64
	circles    []*circle
	dashed     []dashed
	labels     []*label
}

type circle struct {
	x, y, r float64
	title   string
}

type dashed struct{ x1, y1, x2, y2 float64 }

type label struct {
	x, y float64 // the left end of the baseline
	text string
}

func (f *frame) contains(x, y float64) bool {
	return x >= f.x && x <= f.x+f.w && y >= f.y && y <= f.y+f.h
}

// The font has 10 pixels.
func (l *label) top() float64   { return l.y - 8 }
func (l *label) right() float64 { return l.x + 5.2*float64(utf8.RuneCountInString(l.text)) }

func (l *label) covers(x, y float64) bool {
	return x > l.x && x < l.right() && y > l.top() && y < l.y
}

// parse fails the test if the document is not well-formed.
func parse(t *testing.T, svg []byte) drawing {
	var d drawing
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	text := func(string) {}
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return d
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			if next := d.element(t, token); next != nil {
				text = next
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(token)); s != "" {
				d.texts = append(d.texts, s)
				text(s)
			}
		case xml.EndElement:
			text = func(string) {}
		}
	}
}

// element adds an element. The function that it returns adds the text in it.
func (d *drawing) element(t *testing.T, e xml.StartElement) func(string) {
	a := attributes(e)
	if e.Name.Local == "rect" && a["class"] == "frame" {
		d.frames = append(d.frames, &frame{number(t, a["x"]), number(t, a["y"]), number(t, a["width"]), number(t, a["height"]), nil, nil, nil})
	}
	if len(d.frames) == 0 {
		return nil
	}
	f := d.frames[len(d.frames)-1]
	switch {
	case e.Name.Local == "circle":
		c := &circle{x: number(t, a["cx"]), y: number(t, a["cy"]), r: number(t, a["r"])}
		f.circles = append(f.circles, c)
		return func(s string) { c.title = s }
	case e.Name.Local == "line" && a["class"] == "equal":
		f.dashed = append(f.dashed, dashed{number(t, a["x1"]), number(t, a["y1"]), number(t, a["x2"]), number(t, a["y2"])})
	case e.Name.Local == "text" && strings.HasPrefix(a["class"], "label "):
		l := &label{x: number(t, a["x"]), y: number(t, a["y"])}
		f.labels = append(f.labels, l)
		return func(s string) { l.text = s }
	}
	return nil
}

func attributes(e xml.StartElement) map[string]string {
	values := map[string]string{}
	for _, a := range e.Attr {
		values[a.Name.Local] = a.Value
	}
	return values
}

func number(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	require.NoError(t, err)
	return v
}
