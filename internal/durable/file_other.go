//go:build !linux

package durable

import "os"

func openDirect(string) *os.File { return nil }

func refusesDirect(error) bool { return false }

func preallocate(*os.File, int64) error { return nil }
