package durable

import "golang.org/x/sys/unix"

// Pages makes n bytes of memory that direct writes accept, beside the heap: the
// collector neither looks at it nor waits with it. Free gives it back.
func Pages(n int) []byte {
	b, err := unix.Mmap(-1, 0, n, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return Buffer(n)
	}
	return b
}

// LargePages asks that what Pages made lie in large pages, for what is looked up
// here and there: fewer faults, and fewer misses of the table of pages.
func LargePages(b []byte) {
	_ = unix.Madvise(b, unix.MADV_HUGEPAGE) // else it lies in small ones
}

// Free gives back what Pages made. Nobody may touch it any more.
func Free(b []byte) {
	_ = unix.Munmap(b) // memory of the heap is not known to it, and goes with the last reference
}
