//go:build !linux

package durable

// Pages makes n bytes of memory that writes accept. Free gives it back.
func Pages(n int) []byte { return Buffer(n) }

// LargePages asks that what Pages made lie in large pages.
func LargePages([]byte) {}

// Free gives back what Pages made. Nobody may touch it any more.
func Free([]byte) {}
