package durable

// Private does nothing: files are as private as the directory that they are in.
func Private() {}
