package upload

// Busy tells whether a request adds to an upload.
func (s *Service) Busy(id string) bool { return s.claims.busy(id) }
