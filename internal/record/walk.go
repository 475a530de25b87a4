package record

import "io"

// Walk gives each record that is left of a reader to f, until f returns false.
// The bytes of a record are valid until f returns.
func (s *Splitter) Walk(r io.Reader, f func(*Raw) bool) error {
	return walk(r, s.Next, s.Last, f)
}

// Walk gives each element that is left of a document to f, until f returns
// false. What is wrong between elements is passed over.
func (e *Elements) Walk(r io.Reader, f func(*Raw) bool) error {
	return walk(r, func(p []byte, raw *Raw) (int, bool) {
		used, found := e.Next(p, raw)
		return used, found == Element
	}, func(raw *Raw) bool { return e.Last(raw) == Element }, f)
}

func walk(r io.Reader, next func([]byte, *Raw) (int, bool), last func(*Raw) bool, f func(*Raw) bool) error {
	buf := make([]byte, walkBuffer)
	var raw Raw
	for {
		n, err := r.Read(buf)
		for p := buf[:n]; len(p) > 0; {
			used, ok := next(p, &raw)
			p = p[used:]
			if ok && !f(&raw) {
				return nil
			}
		}
		if err == io.EOF {
			if last(&raw) {
				f(&raw)
			}
			return nil
		}
		if err != nil {
			return err
		}
	}
}

const walkBuffer = 256 << 10
