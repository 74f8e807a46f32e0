package certificate

import "time"

// Printed are the lines of the PDF as they are drawn, from the top.
func (p Paper) Printed() []string { return p.print(time.Time{}).printed }

// Fits is where the text above the foot ends, and where it must, in millimetres
// from the top.
func (p Paper) Fits() (ends, most float64) {
	_, ends = p.layOut(newSheet(p))
	return ends, bodyEnd
}
