package validate

// Small makes what is long, bulky or many begin early, so that random tests get
// there with little; what it returns undoes that.
func Small() (restore func()) {
	end, memory, copied, pile, part, from, block, sampled := maxEnd, pileMemory, pileCopied, inlinePile, inlined, filterFrom, lineBlock, mostSampled
	maxEnd, pileMemory, pileCopied, inlinePile, inlined, filterFrom, lineBlock, mostSampled = 1<<10, 1<<9, 1<<10, 1<<8, 1<<10, 4, 100, 4
	return func() {
		maxEnd, pileMemory, pileCopied, inlinePile, inlined, filterFrom, lineBlock, mostSampled = end, memory, copied, pile, part, from, block, sampled
	}
}

// Stretch sets how many bytes of a file at rest are looked at by one core at a time.
func Stretch(n int64) (restore func()) {
	defer func(was int64) { restore = func() { stretch = was } }(stretch)
	stretch = n
	return nil
}

// ErrDamaged is what a saved summary gives that cannot have been saved.
var ErrDamaged = errDamaged

// Seal makes a row of a body, Unseal a body of a row.
var Seal, Unseal = seal, unseal
