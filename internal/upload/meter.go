package upload

import (
	"context"

	"freshet/internal/catalog"
)

// mostReserved is how much of a project's room is reserved ahead at most for bytes
// whose number nobody told.
const mostReserved = 16 << 20

// metered has room reserved for bytes whose number nobody told, before it reads
// them: what runs at once, on all nodes, stays within the project's limit.
type metered struct {
	Source
	service *Service
	upload  *catalog.Upload
	at, end int64 // in the upload: of the next byte, and of what is reserved
}

// meter has room reserved for a request's bytes from an offset on: of an upload
// with a size that was done when it was told, of a request with a length it is
// done here, of others while they come.
func (s *Service) meter(u *catalog.Upload, in *Incoming, at int64) error {
	switch {
	case u.Size >= 0:
		return nil
	case in.Length >= 0:
		_, err := s.Catalog.Reserve(context.Background(), u, at+in.Length, at+in.Length)
		return err
	}
	row := *u // which changes with each commit, beside the reading
	in.Source = &metered{Source: in.Source, service: s, upload: &row, at: at, end: at}
	return nil
}

// Fill implements Source.
func (m *metered) Fill(p []byte, progress func(int)) (n int, err error) {
	for n < len(p) {
		if m.at == m.end {
			end, err := m.service.Catalog.Reserve(context.Background(), m.upload, m.at+1, m.at+mostReserved)
			if err != nil {
				if k, e := m.Source.Fill(p[n:n+1], func(int) {}); k == 0 && e != nil {
					return n, e // it was the end, for which no room is needed
				}
				return n, err
			}
			m.end = end
		}
		k, err := m.Source.Fill(p[n:min(int64(len(p)), int64(n)+m.end-m.at)], progress)
		n += k
		m.at += int64(k)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Interrupt implements Interrupter.
func (m *metered) Interrupt() {
	if in, ok := m.Source.(Interrupter); ok {
		in.Interrupt()
	}
}
