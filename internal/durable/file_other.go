//go:build !linux

package durable

import "os"

func openDirect(string) *os.File { return nil }

func refusesDirect(error) bool { return false }

func preallocate(*os.File, int64) error { return nil }

// Punch gives back the blocks of n bytes of a file where the system can; here it
// cannot.
func Punch(string, int64, int64) error { return nil }
