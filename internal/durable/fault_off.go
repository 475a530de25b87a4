//go:build !faults

package durable

// step does a durable step. In a build with the tag faults it may fail on demand.
func step(_ string, do func() error) error { return do() }
