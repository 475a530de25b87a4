//go:build unix

package durable

import "syscall"

// Private has what this process makes from now on be readable to its user and
// group alone, whatever the directory that it is made in allows.
func Private() { syscall.Umask(0o027) }
