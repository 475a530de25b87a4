package scan

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
)

// The string that every scanner finds by agreement, in halves, so that neither
// the source nor the program is found itself.
var (
	firstHalf  = []byte(`X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STA`)
	secondHalf = []byte(`NDARD-ANTIVIRUS-TEST-FILE!$H+H*`)
)

func testString() []byte { return append(bytes.Clone(firstHalf), secondHalf...) }

const limitsHint = "set in clamd.conf StreamMaxLength, MaxFileSize and MaxScanSize to 100M or more (MaxScanSize 400M), leave MaxScanTime at 120000 or more and ScanArchive on, and restart clamd"

// probe proves that clamd looks at all of a window: it must find the test string
// at its end. Signatures that know the string only as a file of its own find it
// as the last member of an archive.
func (c *Client) probe(ctx context.Context) error {
	for _, fill := range []func(io.Writer) error{plainProbe, archiveProbe} {
		found, err := c.window(ctx, fill)
		if err != nil {
			return err
		}
		switch {
		case strings.HasPrefix(found, limitsExceeded):
			return &Down{fmt.Sprintf("the scanner is not trusted: it does not look at all of a window of 64 MiB (%s)", found), limitsHint, nil}
		case found != "":
			return nil
		}
	}
	return &Down{"the scanner is not trusted: it says OK to a test string that it must find at the end of 64 MiB", limitsHint + "; its signatures must know the EICAR test string", nil}
}

// filler is what stands before the test string: records, as most files hold.
var filler = []byte(strings.Repeat(`{"text": "what a record may hold, so that the scanner takes it for what it will see"}`+"\n", 3000))

func fill(w io.Writer, n int) error {
	for n > 0 {
		k, err := w.Write(filler[:min(n, len(filler))])
		if err != nil {
			return err
		}
		n -= k
	}
	return nil
}

func plainProbe(w io.Writer) error {
	s := testString()
	if err := fill(w, Window-len(s)); err != nil {
		return err
	}
	_, err := w.Write(s)
	return err
}

// archiveRoom is more than the headers of the archive take.
const archiveRoom = 4 << 10

func archiveProbe(w io.Writer) error {
	z := zip.NewWriter(w)
	m, err := z.CreateHeader(&zip.FileHeader{Name: "records.jsonl", Method: zip.Store})
	if err == nil {
		err = fill(m, Window-archiveRoom)
	}
	if err == nil {
		m, err = z.CreateHeader(&zip.FileHeader{Name: "test.com", Method: zip.Store})
	}
	if err == nil {
		_, err = m.Write(testString())
	}
	if err != nil {
		return err
	}
	return z.Close()
}
