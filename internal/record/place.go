package record

// PlaceIn is the offset in the record of byte n of field i, once doubled quotes
// are made single.
func (c *CSV) PlaceIn(i, n int) int {
	f := &c.Fields[i]
	at := f.Start
	for ; n > 0 && at < f.End; n-- {
		if f.Doubled && c.Raw[at] == '"' {
			at++
		}
		at++
	}
	return at
}
