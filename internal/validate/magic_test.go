package validate_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/binary"
	"image"
	"image/color/palette"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"

	"github.com/klauspost/compress/gzip"
)

// refused tells why a file of that name and content is not taken, or is empty.
func refused(name string, data []byte) (why, format string) {
	head := data[:min(len(data), validate.HeadSize)]
	p := validate.NewPlan(name, head, len(head) == len(data), rule.Defaults(), validate.Config{})
	return p.Refused(), p.Format
}

func zipOf(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, n := range names {
		f, err := w.Create(n)
		if err == nil {
			_, err = f.Write([]byte("some content"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarOf(t *testing.T, format tar.Format) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := w.WriteHeader(&tar.Header{Name: "a.jsonl", Mode: 0o644, Size: 8, Format: format}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(`{"a":1}` + "\n")); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// v7 makes of a TAR archive one of before it had a magic.
func v7(b []byte) []byte {
	clear(b[257:512])
	copy(b[148:156], "        ")
	sum := 0
	for _, c := range b[:512] {
		sum += int(c)
	}
	copy(b[148:156], []byte{'0' + byte(sum>>12&7), '0' + byte(sum>>9&7), '0' + byte(sum>>6&7), '0' + byte(sum>>3&7), '0' + byte(sum&7), 0, ' ', ' '})
	return b
}

func encoded(t *testing.T, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b, image.NewPaletted(image.Rect(0, 0, 8, 8), palette.Plan9)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func windowsProgram() []byte {
	b := make([]byte, 512)
	copy(b, "MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff")
	binary.LittleEndian.PutUint32(b[0x3c:], 0x80)
	copy(b[0x80:], "PE\x00\x00d\x86")
	return b
}

// TestContentNotAllowed: what is none of the formats is told by its first bytes, whatever it is named.
func TestContentNotAllowed(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	padded := func(s string) []byte { return append([]byte(s), make([]byte, 600)...) }
	cases := []struct {
		format string
		data   []byte
	}{
		{"elf", program[:1<<20]},
		{"pe", windowsProgram()},
		{"mach-o", padded("\xcf\xfa\xed\xfe\x07\x00\x00\x01")},
		{"mach-o", padded("\xfe\xed\xfa\xce\x00\x00\x00\x12")},
		{"java-class", padded("\xca\xfe\xba\xbe\x00\x00\x00\x41")},
		{"wasm", []byte("\x00asm\x01\x00\x00\x00")},
		{"pyc", []byte("\xa7\r\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xe3")},
		{"script", []byte("#!/bin/sh\nrm -rf \"$1\"\n")},
		{"script", []byte("#! /usr/bin/env python3\nimport os\n")},
		{"script", []byte("#!/usr/bin/perl -w\n")},
		{"php", []byte("<?php system($_GET['c']);\n")},
		{"zip", zipOf(t, "a.jsonl")},
		{"zip", []byte("PK\x05\x06" + strings.Repeat("\x00", 18))},
		{"docx", zipOf(t, "[Content_Types].xml", "word/document.xml")},
		{"xlsx", zipOf(t, "[Content_Types].xml", "xl/workbook.xml")},
		{"jar", zipOf(t, "META-INF/MANIFEST.MF", "A.class")},
		{"torch", zipOf(t, "model/data.pkl", "model/data/0")},
		{"npz", zipOf(t, "x.npy")},
		{"7z", padded("7z\xbc\xaf\x27\x1c")},
		{"rar", padded("Rar!\x1a\x07\x01\x00")},
		{"tar", tarOf(t, tar.FormatGNU)},
		{"tar", tarOf(t, tar.FormatUSTAR)},
		{"tar", v7(tarOf(t, tar.FormatUSTAR))},
		{"xz", padded("\xfd7zXZ\x00")},
		{"bzip2", []byte("BZh91AY&SY\xa1\xb2\x00\x01")},
		{"lz4", padded("\x04\x22\x4d\x18")},
		{"ar", []byte("!<arch>\ndebian-binary   1410122664  0     0     100644  4         `\n2.0\n")},
		{"pickle", []byte("\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00]\x94(K\x01K\x02e.")},
		{"pickle", []byte("\x80\x02}q\x00.")},
		{"pickle", []byte("]q\x00(K\x01K\x02K\x03e.")},                                              // protocol 1
		{"pickle", []byte("(lp0\nI1\naI2\naS'three'\np1\na.")},                                      // protocol 0
		{"pickle", []byte("cposix\nsystem\np0\n(S'id'\np1\ntp2\nRp3\n.")},                           // and one that runs a program
		{"pickle", []byte("cos\nsystem\n(S'id'\ntR.{\"a\": 1}\n")},                                  // with records behind it
		{"pickle", []byte("(dp0\nVname\np1\nVvalue\np2\nsV\u00e9t\u00e9\np3\nF1.5\ns.")},            // a dictionary
		{"pickle", []byte("ccollections\nOrderedDict\np0\n(tRp1\nVa\np2\nI1\nsg2\n0" + "." + "\n")}, // names, memo, pop
		{"png", encoded(t, png.Encode)},
		{"jpeg", encoded(t, func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) })},
		{"gif", encoded(t, func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) })},
		{"bmp", padded("BM\x36\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00")},
		{"tiff", padded("II*\x00\x08\x00\x00\x00")},
		{"riff", padded("RIFF\x24\x08\x00\x00WAVEfmt \x10\x00\x00\x00")},
		{"riff", padded("RIFF\x24\x08\x00\x00WEBPVP8 ")},
		{"ogg", padded("OggS\x00\x02")},
		{"flac", padded("fLaC\x00\x00\x00\x22")},
		{"mp3", padded("ID3\x03\x00\x00\x00\x00\x0f\x76TIT2")},
		{"mpeg-audio", padded("\xff\xfb\x90\x64")},
		{"mp4", padded("\x00\x00\x00\x20ftypisom")},
		{"matroska", padded("\x1a\x45\xdf\xa3\x9f\x42\x86")},
		{"pdf", []byte("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n")},
		{"pdf", []byte("%PDF-1.4\r1 0 obj\r<< >>\r")},
		{"postscript", []byte("%!PS-Adobe-3.0\n%%Title: x\n")},
		{"rtf", []byte("{\\rtf1\\ansi Text}\n")},
		{"ole", padded("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")},
		{"sqlite", padded("SQLite format 3\x00\x10\x00")},
		{"hdf5", padded("\x89HDF\r\n\x1a\n")},
		{"numpy", []byte("\x93NUMPY\x01\x00v\x00{'descr': '<f8'}\n")},
		{"arrow", padded("ARROW1\x00\x00")},
		{"avro", padded("Obj\x01\x04\x16avro.schema")},
		{"orc", padded("ORC\x0a\x0b\x00")},
		{"safetensors", []byte("\x40\x00\x00\x00\x00\x00\x00\x00{\"w\":{\"dtype\":\"F32\"}}")},
		{"gguf", padded("GGUF\x03\x00\x00\x00")},
		{"html", []byte("<!DOCTYPE html>\n<html><body>hi</body></html>\n")},
		{"html", []byte("\n  <HTML lang=\"en\">\n<head></head></HTML>\n")},
		{"html", []byte("\xef\xbb\xbf<!-- saved -->\n<html><body>hi</body></html>")},
		{"html", []byte("<script>alert(1)</script>")},
		{"xml", []byte("<?xml version=\"1.0\"?>\n<records><r/></records>\n")},
		{"svg", []byte("<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><rect/></svg>\n")},
		{"svg", []byte("<svg onload=\"alert(1)\"><rect/></svg>\n")},
	}
	for _, c := range cases {
		for _, name := range []string{"a.jsonl", "a.csv", "a.txt", "a.json", "a.parquet", "a"} {
			if why, format := refused(name, c.data); why != validate.NotAllowed || format != c.format {
				t.Errorf("%s with %.20q is %s, refused for %q; want %s", name, c.data, format, why, c.format)
			}
		}
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		if _, err := w.Write(c.data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if why, format := refused("a.jsonl.gz", b.Bytes()); why != validate.NotAllowed || format != c.format {
			t.Errorf("inside gzip %.20q is %s, refused for %q; want %s", c.data, format, why, c.format)
		}
	}
}

// legit are heads of files that only look like something else.
var legit = []struct{ name, data string }{
	{"a.csv", "PK,name\n1,a\n2,b\n"},
	{"a.csv", "MZ,PE,value\n1,2,3\n"},
	{"a.csv", "MZ;caf\xe9\n1;2\n"}, // not UTF-8, which is a finding
	{"a.txt", "MZ, he said, is how a program begins.\nAnd PE follows.\n"},
	{"a.txt", "%PDF is a format\nof documents.\n"},
	{"a.txt", "%PDF-1.7 is its latest version.\n1 0 obj begins an object.\n"},
	{"a.txt", "%PDF-1.7\nis how its first line reads\n"},
	{"a.txt", "%!PS-Adobe is PostScript.\n"},
	{"a.txt", "#!/bin/sh is how a script begins.\n"},
	{"a.txt", "#!/usr/bin/env\nis a line\n"},
	{"a.md", "#! a heading\n"},
	{"a.txt", "#!AMR is audio\n"},
	{"a.txt", "BZh91AY&SY is how bzip2 begins.\n"},
	{"a.txt", "GIF89a is an old format.\n"},
	{"a.csv", "GIF87a,GIF89a\n1,2\n"},
	{"a.txt", "RIFF is a container.\nWAVE is in it.\n"},
	{"a.csv", "BM,size\n1,2\n"},
	{"a.csv", "ID3,title\n1,2\n3,4\n"},
	{"a.csv", "ORC,PAR1\n1,2\n"},
	{"a.txt", "PAR1 is how Parquet begins and ends.\n"},
	{"a.txt", "GGUF models are large.\n"},
	{"a.txt", "Obj, Rar!, 7z and SQLite format 3 are magics.\n"},
	{"a.txt", "!<arch>\nis how an archive of ar begins, and then come members\n"},
	{"a.csv", "II*,MM*\n1,2\n"},
	{"a.txt", "G" + strings.Repeat("a", 187) + "G" + strings.Repeat("b", 187) + "Gc\n"},
	{"a.txt", strings.Repeat("x", 257) + "ustar" + strings.Repeat("y", 400) + "\n"},
	{"a.txt", "stable.\n"}, {"a.txt", "(lead) to 1.\n"}, {"a.txt", "N.\n"}, {"a.txt", ".\n"}, {"a.txt", "I am one.\n"},
	{"a.txt", "comes\nfrom\nhere.\n"}, {"a.txt", "(a list)\n"}, {"a.txt", "]\n"}, {"a.txt", "}s.\n"},
	{"a.txt", "(o.O) he said.\n"}, {"a.txt", "cats\ndogs\n...\n"}, {"a.txt", "Pigs\n.\n"}, {"a.txt", "(I\n1\n)."}, {"a.txt", "I1\n.\n"}, {"a.txt", "I1\nI2\nI3\n"},
	{"a.csv", "class,label\ncos\nsystem\n"},
	{"a.txt", "<html> is the first tag of a page.\n"},
	{"a.txt", "<!DOCTYPE html> comes before it.\n"},
	{"a.txt", "<?xml is a declaration.\n<a/>\n"},
	{"a.txt", "<?php is the opening tag of PHP\n"},
	{"a.md", "<p align=\"center\"><img src=\"x.png\"></p>\n\n# Title\n"},
	{"a.md", "<!-- a comment -->\n# Title\n"},
	{"a.csv", "<html>,label\n\"<body>\",1\n"},
	{"a.jsonl", `{"html": "<!DOCTYPE html><html><body>"}` + "\n"},
	{"a.jsonl", `{"\\rtf1": 1}` + "\n"},
	{"a.json", `[{"a": "PK"}]` + "\n"},
	{"a.json", "{\n\"a\": 1\n}\n"},
	{"a.tsv", "MZ\tPK\n1\t2\n"},
	{"a.txt", "\xef\xbb\xbfMZ with a mark\n"},
	{"a.txt", "caf\xc3\xa9\n"}, {"a.txt", "\x1b[1mbold\x1b[0m\n"},
}

func TestTextIsTaken(t *testing.T) {
	for _, c := range legit {
		if why, format := refused(c.name, []byte(c.data)); why != "" {
			t.Errorf("%s with %q is %s and refused: %s", c.name, c.data, format, why)
		}
	}
}

// TestNoTextIsRefused: whatever letters a text begins with, it is none of what
// is told by bytes; only markup and scripts are text themselves.
func TestNoTextIsRefused(t *testing.T) {
	starts := []string{"", "PK", "MZ", "BZh9", "BZh91AY&SY", "%PDF-1", "%PDF-1.4 ", "GIF89a", "GIF87a", "RIFF", "FORM", "BM", "ID3", "ORC", "PAR1", "GGUF", "ARROW1", "Obj", "Rar!", "7z",
		"SQLite format 3", "MSCF", "LZIP", "xar!", "070707", "070701", "dex\n", "BC", "L", "8BPS", "OggS", "fLaC", "MThd", "FLV", "G", "MATLAB 5.0 MAT-file", "RDX3\n", "X\n", "FEA1", "II*", "MM", "{\\r",
		"(", "]", "}", ")", "N", "S'a'\n", "I1\n", "V", "cos\n", "(l", "(d", "(t", "#!", "#!/", "<", "<h", "<?", "\ufeff"}
	letters := []rune("abcdefghijklmnopqrstuvwxyz0123456789 ,;.()[]{}\"':\n\t\r-_/\u00e9\u4e16\U0001F600")
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		var b strings.Builder
		b.WriteString(starts[r.IntN(len(starts))])
		for range r.IntN(700) {
			b.WriteRune(letters[r.IntN(len(letters))])
		}
		for _, name := range []string{"a.txt", "a.csv", "a.jsonl"} {
			if why, format := refused(name, []byte(b.String())); why != "" {
				t.Fatalf("%s with %q is %s and refused: %s", name, b.String(), format, why)
			}
		}
	}
}

func FuzzContent(f *testing.F) {
	for _, c := range legit {
		f.Add([]byte(c.data))
	}
	f.Add([]byte("cos\nsystem\n(S'id'\ntR."))
	f.Add([]byte("T\xff\xff\xff\xff."))
	f.Fuzz(func(t *testing.T, data []byte) {
		why, format := refused("a.jsonl", data)
		if again, same := refused("a.jsonl", append(data[:len(data):len(data)], '\n')); why != "" && again != why && format == same {
			t.Errorf("%q is %s and refused, and is not with one newline more", data, format)
		}
	})
}
