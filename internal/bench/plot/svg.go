package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

const style = `text{font-family:system-ui,-apple-system,"Segoe UI",Helvetica,Arial,"DejaVu Sans",sans-serif;font-size:10px;fill:#57606a}
.title{font-size:17px;font-weight:600;fill:#1f2328}
.caption,.legend{font-size:12px}
.world{font-size:12px;font-weight:600;fill:#1f2328}
.label{paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.middle{text-anchor:middle}
.end{text-anchor:end}
.frame{fill:#f6f8fa;stroke:#d0d7de}
.grid{stroke:#d8dee4}
.equal{stroke:#57606a;stroke-dasharray:4 3}
.fixed{fill:#6e7781;stroke:#fff}
.other{fill:#fff;fill-opacity:.6;stroke:#6e7781;stroke-width:1.5px}
.ours0{fill:#0969da;stroke:#fff}
.ours1{fill:none;stroke:#bc4c00;stroke-width:2px}
.label.ours0{fill:#0969da}
.label.ours1{fill:#bc4c00;stroke:#fff;stroke-width:3px}
`

// canvas collects SVG elements. Coordinates are in pixels, from the top left.
type canvas struct{ body bytes.Buffer }

// document returns the elements as an SVG document on white, which is readable on a
// dark page too.
func (c *canvas) document(height float64) []byte {
	var out bytes.Buffer
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %.0f" width="%d" height="%.0f" role="img">`+"\n",
		width, height, width, height)
	fmt.Fprintf(&out, "<style>\n%s</style>\n", style)
	fmt.Fprintf(&out, `<rect width="%d" height="%.0f" fill="#fff"/>`+"\n", width, height)
	out.Write(c.body.Bytes())
	out.WriteString("</svg>\n")
	return out.Bytes()
}

func (c *canvas) text(class string, at spot, text string) {
	fmt.Fprintf(&c.body, `<text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", class, at.x, at.y, escape(text))
}

// vertical writes text from the bottom up, centered.
func (c *canvas) vertical(at spot, text string) {
	fmt.Fprintf(&c.body, `<text class="middle" transform="translate(%.1f %.1f) rotate(-90)">%s</text>`+"\n", at.x, at.y, escape(text))
}

func (c *canvas) line(class string, from, to spot) {
	fmt.Fprintf(&c.body, `<line class="%s" x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f"/>`+"\n", class, from.x, from.y, to.x, to.y)
}

func (c *canvas) rect(class string, b box) {
	fmt.Fprintf(&c.body, `<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"/>`+"\n", class, b.x, b.y, b.w, b.h)
}

// dot draws a circle. Viewers show its title at the pointer.
func (c *canvas) dot(class string, center spot, radius float64, title string) {
	fmt.Fprintf(&c.body, `<circle class="%s" cx="%.1f" cy="%.1f" r="%g"><title>%s</title></circle>`+"\n",
		class, center.x, center.y, radius, escape(title))
}

// title names the document for screen readers.
func (c *canvas) title(text string) {
	fmt.Fprintf(&c.body, "<title>%s</title>\n", escape(text))
}

// escape makes text fit for XML. Characters that XML cannot contain are replaced.
func escape(text string) string {
	var out bytes.Buffer
	_ = xml.EscapeText(&out, []byte(text)) // a buffer does not fail
	return out.String()
}
