package record

// Skip is the offset in the record n bytes after at in the string at i: n is
// counted once decoded, at is an offset in the record.
func (j *JSON) Skip(i, at, n int) int {
	if j.Tok[i].Flags&Escaped == 0 {
		return at + n
	}
	for end := int(j.Tok[i].End); at < end; {
		used, decoded := 1, 1
		if j.Raw[at] == '\\' {
			used, decoded, _, _ = escape(j.Raw[at:end])
		}
		if n < decoded {
			break
		}
		n -= decoded
		at += used
	}
	return at
}

// Skip is the offset in the record n bytes after at in field i: n is counted
// with doubled quotes made single, at is an offset in the record.
func (c *CSV) Skip(i, at, n int) int {
	f := &c.Fields[i]
	if f.Doubled == 0 {
		return at + n
	}
	for ; n > 0 && at < int(f.End); n-- {
		if c.Raw[at] == '"' {
			at++
		}
		at++
	}
	return at
}
