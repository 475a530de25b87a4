package validate

// Small makes what is long, bulky or many begin early, so that random tests get
// there with little; Restore undoes it.
func Small() (restore func()) {
	end, memory, copied, inline, from := maxEnd, pileMemory, pileCopied, inlinePile, filterFrom
	maxEnd, pileMemory, pileCopied, inlinePile, filterFrom = 1<<10, 1<<9, 1<<10, 1<<8, 4
	return func() {
		maxEnd, pileMemory, pileCopied, inlinePile, filterFrom = end, memory, copied, inline, from
	}
}
