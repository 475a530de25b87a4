package validate

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"path"
	"strings"

	"freshet/api"
	"freshet/internal/rule"
)

// Compressed files are checked while they are unpacked. A decoder reads, a
// segment is written to: the decoder runs as a coroutine that is resumed by each
// write and waits for the next. Its state cannot be saved, nor can it begin in
// the middle, so that such a file is checked from its front to its end at once.

// Serial tells that the file can only be checked from its front to its end: a
// segment cannot begin elsewhere, and what it found so far cannot be saved.
func (p *Plan) Serial() bool { return p.Compression != "" || p.Format == "json" }

// kind is what a serial file is, in words.
func (p *Plan) kind() string {
	if p.Compression != "" {
		return "compressed with " + p.Compression
	}
	return "one JSON document"
}

// compressedNames are endings of names and the compression that they tell of.
var compressedNames = map[string]string{".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}

// NamedCompressed tells whether a name says that the file is compressed.
func NamedCompressed(name string) bool {
	return compressedNames[path.Ext(strings.ToLower(name))] != ""
}

// extension is the ending of the name that tells the format: of data.jsonl.gz it is .jsonl.
func (p *Plan) extension() string {
	name := strings.ToLower(p.Name)
	if ext := path.Ext(name); compressedNames[ext] != "" {
		name = strings.TrimSuffix(name, ext)
	}
	return path.Ext(name)
}

// unwrap finds the compression of a file by its content, and gives the front of what is inside.
func (p *Plan) unwrap(head []byte, whole bool) ([]byte, bool) {
	ext := strings.ToLower(path.Ext(p.Name))
	named := compressedNames[ext]
	p.Compression = compressionOf(head)
	switch {
	case p.Compression == named || len(head) == 0:
	case p.Compression == "":
		p.tell(rule.FormatMismatch, fmt.Sprintf("the name ends in %s, but the content is not compressed", ext), "")
	default:
		p.tell(rule.FormatMismatch, fmt.Sprintf("the name ends in %s, but the content is compressed with %s", orElse(ext, "nothing"), p.Compression),
			"add "+map[string]string{"gzip": ".gz", "zstd": ".zst"}[p.Compression]+" to the name")
	}
	if p.Compression == "" {
		return head, whole
	}
	return unpackHead(p.Compression, head, whole)
}

// packed is the compressed bytes of a file on their way to a segment.
type packed struct {
	bytes  int64 // so far
	in     []byte
	ended  bool
	to     *Segment // that is written to
	wait   func(struct{}) bool
	resume func() (struct{}, bool)
	stop   func()
	done   bool // nothing is read any more
	cut    bool // before the end of the file
}

// Read gives the decoder what was written, and waits for more.
func (k *packed) Read(p []byte) (int, error) {
	for len(k.in) == 0 {
		if k.ended || !k.wait(struct{}{}) {
			k.ended = true
			return 0, io.EOF
		}
	}
	n := copy(p, k.in)
	k.in = k.in[n:]
	return n, nil
}

// writePacked checks what the next bytes of a compressed file unpack to.
func (s *Segment) writePacked(p []byte) (int, error) {
	k := s.sum.packed
	k.bytes += int64(len(p))
	s.unpack(p, false)
	return len(p), s.failed
}

// unpack has the decoder go on as far as it gets with p, or to the end of the file.
func (s *Segment) unpack(p []byte, ended bool) {
	k := s.sum.packed
	if s.plan.opaque || s.sum.stopped != "" || k.done {
		return
	}
	if k.resume == nil {
		k.resume, k.stop = iter.Pull(k.run)
	}
	k.to, k.in, k.ended = s, p, ended
	if _, more := k.resume(); !more {
		k.done, k.in = true, nil
	}
}

// run unpacks all, as a coroutine.
func (k *packed) run(wait func(struct{}) bool) {
	k.wait = wait
	u := newUnpacking(k.to.plan.Compression, k)
	defer u.close()
	buf := make([]byte, unpackPiece)
	for {
		n, err := u.Read(buf)
		if k.done { // the segment was given up
			return
		}
		s := k.to
		most := s.plan.Options.MaxUnpackedBytes
		over := most != nil && s.sum.Bytes+int64(n) > *most
		if over {
			n = int(*most - s.sum.Bytes)
		}
		if _, failed := s.take(buf[:n]); failed != nil || s.sum.stopped != "" || err == io.EOF && !over {
			return
		}
		if over {
			s.tellPacked(rule.DecompressionLimit, fmt.Sprintf("the file unpacks to more than %d bytes, which max_unpacked_bytes allows", *most), "")
			return
		}
		if err != nil {
			s.tellPacked(u.fault(err))
			return
		}
	}
}

// close ends the coroutine.
func (k *packed) close() {
	if k != nil && k.stop != nil {
		k.done = true
		k.stop()
	}
}

// tellPacked tells why nothing more is unpacked: behind the last record that was read.
func (s *Segment) tellPacked(r *rule.Rule, message, hint string) {
	s.sum.packed.cut = true
	s.tellFile(r, &api.Finding{Line: s.sum.counts.lines, Column: 1, ByteOffset: s.sum.Bytes, Message: message, Hint: hint})
}

// cut tells that what the file unpacks to was not read to its end.
func (s *Summary) cut() bool { return s.packed != nil && s.packed.cut }

// stored is the size of the file itself, of which s tells.
func (s *Summary) stored() int64 { return *s.storedBytes() }

func (s *Summary) storedBytes() *int64 {
	if s.packed != nil {
		return &s.packed.bytes
	}
	return &s.Bytes
}

// errSerial says that the state of a decoder, or inside a document, cannot be saved.
var errSerial = errors.New("the checks of a file that is read from its front to its end cannot be saved in between")
