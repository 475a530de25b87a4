package validate

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
)

// content is what a file's first bytes say that it is.
type content struct {
	name string // short, as a report has it: zip, elf, pdf
	is   string // in words
	hint string // what to send in its place
}

// What to do about content that is none of the formats.
const (
	hintArchive  = "unpack it and send the files inside; of compressed files gzip (.gz) and zstd (.zst) are read as they are"
	hintProgram  = "send the data, not a program"
	hintPickle   = "reading a pickle runs what is in it: write the records as JSON Lines"
	hintDocument = "extract its text and send that as JSON Lines or plain text"
	hintMedia    = "send records as JSON Lines that name it, with the data elsewhere"
	hintTable    = "export it as JSON Lines, CSV or Parquet"
	hintMarkup   = "put the documents into records of JSON Lines, or send their text"
)

// magic is one way to begin that no text has: either the bytes themselves are
// none of a text, or test says that those which follow are not.
type magic struct {
	content
	prefix string
	test   func(p []byte) bool // nil: the prefix is enough
}

// Families of content, for the table.
func archive(name string) content      { return content{name, "a " + name + " archive", hintArchive} }
func program(name, is string) content  { return content{name, is, hintProgram} }
func document(name, is string) content { return content{name, is, hintDocument} }
func media(name, is string) content    { return content{name, is, hintMedia} }
func tableOf(name, is string) content  { return content{name, is, hintTable} }

// magics are told apart by their first bytes. Where these are letters that a
// text may begin with, a test asks for bytes that no text has.
var magics = []magic{
	{content{"gzip", "gzip", hintArchive}, "\x1f\x8b", nil},
	{content{"zstd", "zstd", hintArchive}, zstdMagic, nil},
	{content{"parquet", "parquet", ""}, "PAR1", notText},

	{archive("bzip2"), "BZh", bzip2},
	{archive("xz"), "\xfd7zXZ\x00", nil},
	{archive("lzip"), "LZIP\x01", nil},
	{archive("lzma"), "\x5d\x00\x00", nil},
	{archive("lz4"), "\x04\x22\x4d\x18", nil},
	{archive("snappy"), "\xff\x06\x00\x00sNaPpY", nil},
	{archive("compress"), "\x1f\x9d", nil},
	{archive("compress"), "\x1f\xa0", nil},
	{archive("7z"), "7z\xbc\xaf\x27\x1c", nil},
	{archive("rar"), "Rar!\x1a\x07", nil},
	{archive("cab"), "MSCF\x00\x00\x00\x00", nil},
	{archive("ar"), "!<arch>\n", func(p []byte) bool { return len(p) == 8 || len(p) >= 68 && string(p[66:68]) == "`\n" }},
	{archive("rpm"), "\xed\xab\xee\xdb", nil},
	{archive("xar"), "xar!\x00", nil},
	{archive("cpio"), "07070", notText},
	{archive("cpio"), "\xc7\x71", nil},

	{program("elf", "an ELF program"), "\x7fELF", nil},
	{program("pe", "a Windows or DOS program"), "MZ", notText},
	{program("mach-o", "a Mach-O program"), "\xfe\xed\xfa\xce", nil},
	{program("mach-o", "a Mach-O program"), "\xfe\xed\xfa\xcf", nil},
	{program("mach-o", "a Mach-O program"), "\xce\xfa\xed\xfe", nil},
	{program("mach-o", "a Mach-O program"), "\xcf\xfa\xed\xfe", nil},
	{program("java-class", "Java bytecode or a Mach-O program"), "\xca\xfe\xba\xbe", nil},
	{program("wasm", "WebAssembly"), "\x00asm", nil},
	{program("dex", "Android bytecode"), "dex\n", notText},
	{program("lua", "Lua bytecode"), "\x1bLua", nil},
	{program("llvm", "LLVM bitcode"), "BC\xc0\xde", nil},
	{program("lnk", "a Windows shortcut"), "L\x00\x00\x00\x01\x14\x02\x00", nil},

	{document("ole", "an Office document or installer (OLE)"), "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", nil},
	{document("pdf", "a PDF document"), "%PDF-", pdf},
	{document("postscript", "a PostScript document"), "%!PS-Adobe-", func(p []byte) bool {
		return len(p) > 12 && p[12] == '.' && bytes.Contains(p[:min(len(p), 4096)], []byte("\n%%"))
	}},
	{document("rtf", "an RTF document"), "{\\rtf1", nil},
	{document("djvu", "a DjVu document"), "AT&TFORM", notText},

	{media("png", "a PNG image"), "\x89PNG\r\n", nil},
	{media("jpeg", "a JPEG image"), "\xff\xd8\xff", nil},
	{media("gif", "a GIF image"), "GIF87a", notText},
	{media("gif", "a GIF image"), "GIF89a", notText},
	{media("bmp", "a BMP image"), "BM", func(p []byte) bool { return len(p) >= 14 && string(p[6:10]) == "\x00\x00\x00\x00" }},
	{media("tiff", "a TIFF image"), "II*\x00", nil},
	{media("tiff", "a TIFF image"), "MM\x00*", nil},
	{media("tiff", "a TIFF image"), "II+\x00", nil},
	{media("ico", "an icon"), "\x00\x00\x01\x00", nil},
	{media("psd", "a Photoshop image"), "8BPS\x00", nil},
	{media("jpeg2000", "a JPEG 2000 image"), "\x00\x00\x00\x0cjP  \r\n", nil},
	{media("jxl", "a JPEG XL image"), "\x00\x00\x00\x0cJXL \r\n", nil},
	{media("jxl", "a JPEG XL image"), "\xff\x0a", nil},
	{media("riff", "an image, audio or video (RIFF)"), "RIFF", notText},
	{media("aiff", "audio (AIFF)"), "FORM", notText},
	{media("ogg", "audio or video (Ogg)"), "OggS\x00", nil},
	{media("flac", "audio (FLAC)"), "fLaC", notText},
	{media("mp3", "audio (MP3)"), "ID3", func(p []byte) bool { return len(p) >= 10 && p[3] < 5 && p[4] != 0xff }},
	{media("mpeg-audio", "audio (MPEG)"), "\xff", func(p []byte) bool {
		return len(p) > 3 && p[1]&0xe0 == 0xe0 && p[1]&0x06 != 0 && p[1] < 0xfe && p[2]&0xf0 != 0xf0
	}},
	{media("mpeg-audio", "audio (AAC)"), "\xff", func(p []byte) bool { return len(p) > 3 && p[1]&0xf6 == 0xf0 }},
	{media("midi", "music (MIDI)"), "MThd\x00\x00", nil},
	{media("amr", "audio (AMR)"), "#!AMR", notText},
	{media("matroska", "video (Matroska, WebM)"), "\x1a\x45\xdf\xa3", nil},
	{media("flv", "video (Flash)"), "FLV\x01", nil},
	{media("asf", "audio or video (ASF)"), "\x30\x26\xb2\x75\x8e\x66\xcf\x11", nil},
	{media("mpeg", "video (MPEG)"), "\x00\x00\x01\xba", nil},
	{media("mpeg", "video (MPEG)"), "\x00\x00\x01\xb3", nil},
	{media("mp4", "audio, an image or video (MP4)"), "\x00\x00", func(p []byte) bool { return len(p) >= 12 && string(p[4:8]) == "ftyp" }},
	{media("mpeg-ts", "video (MPEG)"), "G", func(p []byte) bool { return len(p) > 376 && p[188] == 'G' && p[376] == 'G' && notText(p) }},
	{media("dicom", "a medical image (DICOM)"), "\x00\x00\x00\x00", func(p []byte) bool { return len(p) >= 132 && string(p[128:132]) == "DICM" }},

	{tableOf("sqlite", "an SQLite database"), "SQLite format 3\x00", nil},
	{tableOf("access", "an Access database"), "\x00\x01\x00\x00Standard ", nil},
	{tableOf("hdf5", "an HDF5 file"), "\x89HDF\r\n", nil},
	{tableOf("numpy", "a NumPy array"), "\x93NUMPY", nil},
	{tableOf("arrow", "an Arrow file"), "ARROW1\x00", nil},
	{tableOf("feather", "a Feather file"), "FEA1", notText},
	{tableOf("avro", "an Avro file"), "Obj\x01", nil},
	{tableOf("orc", "an ORC file"), "ORC", notText},
	{tableOf("matlab", "a MATLAB file"), "MATLAB ", func(p []byte) bool {
		return len(p) >= 128 && (string(p[126:128]) == "IM" || string(p[126:128]) == "MI") && p[124] < 9
	}},
	{tableOf("rdata", "an R data file"), "RDX", notText},
	{tableOf("rdata", "an R data file"), "X\n\x00\x00\x00", nil},
	{content{"gguf", "a model (GGUF)", "send training data, not a model"}, "GGUF", notText},
}

// contentOf names content that cannot be of a text format, by the file's first
// bytes; its name is empty where there is none.
func contentOf(p []byte) content {
	for i := range magics {
		m := &magics[i]
		if len(p) >= len(m.prefix) && string(p[:len(m.prefix)]) == m.prefix && (m.test == nil || m.test(p)) {
			return m.content
		}
	}
	switch {
	case bytes.HasPrefix(p, []byte("PK\x03\x04")), bytes.HasPrefix(p, []byte("PK\x05\x06")), bytes.HasPrefix(p, []byte("PK\x07\x08")):
		return zipped(p)
	case isTar(p):
		return archive("tar")
	case isPickle(p):
		return content{"pickle", "a Python pickle", hintPickle}
	case isPyc(p):
		return program("pyc", "Python bytecode")
	case isSafetensors(p):
		return content{"safetensors", "a model (safetensors)", "send training data, not a model"}
	}
	return markupOf(p)
}

// magicOf is the name of such content.
func magicOf(p []byte) string { return contentOf(p).name }

// nature is how many bytes are looked at to tell whether they are text.
const nature = 512

// notText tells that the first bytes hold a control character, which no text has.
func notText(p []byte) bool {
	return bytes.ContainsFunc(p[:min(len(p), nature)], func(c rune) bool { return c < ' ' && !strings.ContainsRune("\t\n\v\f\r\x1b", c) })
}

func bzip2(p []byte) bool {
	if len(p) < 10 || p[3] < '1' || p[3] > '9' {
		return false
	}
	block := string(p[4:10])
	return (block == "1AY&SY" || block == "\x17rE8P\x90") && notText(p)
}

// pdf tells a header, which a line of its own is, from a text on PDF: objects
// follow it.
func pdf(p []byte) bool {
	line, rest, _ := bytes.Cut(p[:min(len(p), 4096)], []byte{'\n'})
	if head, more, ok := bytes.Cut(line, []byte{'\r'}); ok { // lines may end with it alone
		line, rest = head, append(more[:len(more):len(more)], rest...)
	}
	version := bytes.TrimRight(line[len("%PDF-"):], " ")
	if len(version) != 3 || version[1] != '.' || version[0] < '1' || version[0] > '9' {
		return false
	}
	return notText(p) || bytes.Contains(rest, []byte(" obj"))
}

// zipped says what a ZIP archive is, by the names of its first members.
func zipped(p []byte) content {
	p = p[:min(len(p), 64<<10)]
	for _, k := range [...]struct {
		member string
		content
	}{
		{"/data.pkl", content{"torch", "a PyTorch model, which holds a pickle", hintPickle}},
		{"word/", document("docx", "a Word document")},
		{"xl/", tableOf("xlsx", "an Excel workbook")},
		{"ppt/", document("pptx", "a PowerPoint document")},
		{"[Content_Types].xml", document("ooxml", "an Office document")},
		{"mimetypeapplication/epub", document("epub", "an EPUB book")},
		{"mimetypeapplication/vnd.oasis", document("odf", "an OpenDocument file")},
		{"classes.dex", program("apk", "an Android app")},
		{"META-INF/", program("jar", "a Java archive")},
		{".npy", tableOf("npz", "an archive of NumPy arrays")},
	} {
		if bytes.Contains(p, []byte(k.member)) {
			return k.content
		}
	}
	return archive("zip")
}

// isTar tells a TAR header by its checksum, which old ones have, too.
func isTar(p []byte) bool {
	if len(p) < 512 || !notText(p) {
		return false
	}
	want, err := strconv.ParseInt(strings.Trim(string(p[148:156]), " \x00"), 8, 64)
	if err != nil {
		return false
	}
	sum := int64(8 * ' ') // the checksum itself counts as blanks
	for i, c := range p[:512] {
		if i < 148 || i >= 156 {
			sum += int64(c)
		}
	}
	return sum == want
}

// isPyc tells Python bytecode: the magic number of a version of 3, then flags.
func isPyc(p []byte) bool {
	return len(p) >= 16 && p[2] == '\r' && p[3] == '\n' && p[1] >= 0x0b && p[1] <= 0x0f && notText(p)
}

// isSafetensors tells the length of a JSON header before it.
func isSafetensors(p []byte) bool {
	if len(p) < 9 || p[8] != '{' {
		return false
	}
	n := binary.LittleEndian.Uint64(p)
	return n > 0 && n < 1<<32
}
