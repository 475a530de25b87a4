package record

import "io"

// Walk gives each record that is left of a reader to f, until f returns false.
// The bytes of a record are valid until f returns.
func (s *Splitter) Walk(r io.Reader, f func(*Raw) bool) error {
	buf := make([]byte, walkBuffer)
	var raw Raw
	for {
		n, err := r.Read(buf)
		for p := buf[:n]; len(p) > 0; {
			used, ok := s.Next(p, &raw)
			p = p[used:]
			if ok && !f(&raw) {
				return nil
			}
		}
		if err == io.EOF {
			if s.Last(&raw) {
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
