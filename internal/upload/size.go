package upload

// Sizes of chunks by file size, as the guide's clients expect them.
const (
	mib            = 1 << 20
	gib            = 1 << 30
	SmallPart      = 16 * mib
	MediumPart     = 64 * mib
	LargePart      = 128 * mib
	MaxParts       = 10_000
	oneChunkBelow  = 64 * mib // up to here a file counts as one chunk
	smallFileBelow = 100 * mib
	largeFileFrom  = gib
)

// PartSize is the size of a file's parts: a power of two, so that parts begin
// at aligned offsets. fixed is the one that the operator set, or 0.
func PartSize(fileSize, fixed int64) int64 {
	size := fixed
	if size == 0 {
		switch {
		case fileSize < smallFileBelow:
			size = SmallPart
		case fileSize < largeFileFrom:
			size = MediumPart
		default:
			size = LargePart
		}
	}
	for (fileSize-1)/MaxParts >= size { // divided: a size may be as large as numbers go
		size *= 2
	}
	return size
}

// ChunkCount is how many chunks a file counts as, whatever way its bytes travelled.
func ChunkCount(fileSize, fixed int64) int64 {
	if fileSize <= oneChunkBelow {
		return 1
	}
	size := PartSize(fileSize, fixed)
	return CountParts(fileSize, size)
}
