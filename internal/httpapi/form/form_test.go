package form_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"strings"
	"testing"
	"testing/iotest"

	"freshet/internal/httpapi/form"
)

const boundary = "BoUnDaRy"

// seeds are the shapes that forms come in, and those that they should not.
var seeds = []string{
	"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n{}\r\n--B--\r\n",
	"preamble\r\n--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B--\r\nepilogue",
	"--B\nContent-Disposition: form-data; name=x\n\nv\n--B--\n",
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B--",
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv", // cut off
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B",
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B-",
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\n--B--\r\n", // empty
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\n\r\n--B--\r\n",
	"--B\r\n\r\nno header\r\n--B--\r\n",
	"--B \t\r\nContent-Disposition: form-data; name=x\r\n\r\na\r\n--B \r\nContent-Disposition: form-data; name=y\r\n\r\nb\r\n--B-- \r\n",
	"--B\r\nContent-Disposition: form-data; name=x\r\n\r\na\r\n--Bx\r\n--B-y\r\n\r\n\r\r\n--B\r\r\n--B--\r\n",
	"--B\r\nContent-Disposition: form-data; name=f; filename=\"a\"\r\n\r\n1\r\n--B\r\nContent-Disposition: form-data; name=f; filename=\"b\"\r\n\r\n2\r\n--B--\r\n",
	"--B\r\nContent-Disposition: form-data; name=f; filename*=UTF-8''%e2%82%ac%20rates\r\n\r\n1\r\n--B--\r\n",
	"--B\r\nBroken header\r\n\r\n1\r\n--B--\r\n",
	"--B--\r\n", "", "\r\n", "--B", "--B\r\n", "no form at all",
}

type read struct {
	name, file string
	data       string
}

// ours reads a form with buffers of a size; the error's text does not matter.
func ours(body io.Reader, size int) (parts []read, failed error) {
	f, err := form.NewReader(body, boundary)
	if err != nil {
		return nil, err
	}
	for {
		p, err := f.Next()
		if err == io.EOF {
			return parts, nil
		}
		if err != nil {
			return parts, err
		}
		var data []byte
		told := 0
		for {
			buf := make([]byte, size)
			n, err := p.Fill(buf, func(n int) { told += n })
			data = append(data, buf[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				return append(parts, read{p.Name, p.FileName, string(data)}), err
			}
			if n != size {
				panic(fmt.Sprintf("Fill gave %d of %d bytes before the end", n, size))
			}
		}
		if told != len(data) {
			panic(fmt.Sprintf("progress told of %d bytes, there were %d", told, len(data)))
		}
		parts = append(parts, read{p.Name, p.FileName, string(data)})
	}
}

func theirs(body io.Reader) (parts []read, failed bool) {
	f := multipart.NewReader(body, boundary)
	for {
		p, err := f.NextRawPart()
		if err == io.EOF {
			return parts, false
		}
		if err != nil {
			return parts, true
		}
		data, err := io.ReadAll(p)
		parts = append(parts, read{p.FormName(), p.FileName(), string(data)})
		if err != nil {
			return parts, true
		}
	}
}

func compare(t *testing.T, body []byte, size int) {
	t.Helper()
	want, wantErr := theirs(bytes.NewReader(body))
	for how, r := range map[string]io.Reader{"whole": bytes.NewReader(body), "bytewise": iotest.OneByteReader(bytes.NewReader(body)), "data with EOF": iotest.DataErrReader(bytes.NewReader(body))} {
		got, err := ours(r, size)
		gotErr := err != nil
		if err == io.ErrUnexpectedEOF && len(got) == len(want) {
			gotErr = wantErr // a header that breaks off: the standard reader takes it for the end of the form
		}
		if gotErr != wantErr || len(got) != len(want) && !wantErr {
			t.Fatalf("%q, %s, buffers of %d:\n got %q, error %v\nwant %q, error %v", body, how, size, got, err, want, wantErr)
		}
		if wantErr {
			continue // what came before the fault may have been given in other portions
		}
		for i := range want {
			if got[i].name != want[i].name || got[i].data != want[i].data {
				t.Fatalf("%q, %s, buffers of %d, part %d:\n got %q\nwant %q", body, how, size, i, got[i], want[i])
			}
		}
	}
}

func TestAgainstStandard(t *testing.T) {
	for _, s := range seeds {
		body := []byte(strings.ReplaceAll(s, "--B", "--"+boundary))
		for size := 1; size < 40; size++ {
			compare(t, body, size)
		}
	}
}

// TestBoundaryAtEveryPlace moves the boundary over the ends of buffers.
func TestBoundaryAtEveryPlace(t *testing.T) {
	for n := range 300 {
		body := fmt.Sprintf("--%s\r\nContent-Disposition: form-data; name=f; filename=x\r\n\r\n%s\r\n--%s\r\nContent-Disposition: form-data; name=y\r\n\r\nv\r\n--%s--\r\n",
			boundary, strings.Repeat("\r\n--Bo", n)[:n], boundary, boundary)
		compare(t, []byte(body), 64)
	}
}

func TestFileNames(t *testing.T) {
	for header, want := range map[string]string{
		`form-data; name="file"; filename="../../etc/passwd"`:     "../../etc/passwd",
		`form-data; name="file"; filename="a b;c.csv"`:            "a b;c.csv",
		`form-data; name="file"; filename="q\"uote.csv"`:          `q"uote.csv`,
		`form-data; name="file"; filename*=UTF-8''na%C3%AFve.csv`: "naïve.csv",
		`form-data; name="file"; filename="größe 😀.csv"`:          "größe 😀.csv",
		`form-data; name=file; filename=plain.csv`:                "plain.csv",
		`form-data; name="file"; filename=""`:                     "",
	} {
		body := "--B\r\nContent-Disposition: " + header + "\r\n\r\nx\r\n--B--\r\n"
		f, err := form.NewReader(strings.NewReader(body), "B")
		if err != nil {
			t.Fatal(err)
		}
		p, err := f.Next()
		if err != nil || !p.IsFile || p.FileName != want || p.Name != "file" {
			t.Errorf("%s: %+v, %v, want %q", header, p, err, want)
		}
	}
}

// TestLeft: the size of a file that ends its form is known before its bytes.
func TestLeft(t *testing.T) {
	head := "--B\r\nContent-Disposition: form-data; name=x\r\n\r\nv\r\n--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
	body := head + strings.Repeat("x", 100_000) + "\r\n--B--\r\n"
	f, err := form.NewReader(strings.NewReader(body), "B")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		p, err := f.Next()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Left(int64(len(body))); p.IsFile && got != 100_000 {
			t.Errorf("Left = %d, want 100000", got)
		}
		if got := p.Left(-1); got != 0 {
			t.Errorf("Left of a form of unknown size = %d, want 0", got)
		}
	}
}

func FuzzForm(f *testing.F) {
	for i, s := range seeds {
		f.Add([]byte(strings.ReplaceAll(s, "--B", "--"+boundary)), uint16(i))
	}
	f.Fuzz(func(t *testing.T, body []byte, size uint16) {
		if bytes.Count(body, []byte{'\n'}) > 500 || len(body) > 4<<10 {
			return // limits of header size and number differ
		}
		compare(t, body, int(size)%200+1)
	})
}

func BenchmarkFill(b *testing.B) {
	data := bytes.Repeat([]byte(`{"text":"some words of a record, and some more of them"}`+"\r\n"), 1<<18)
	body := []byte("--" + boundary + "\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\n" + string(data) + "\r\n--" + boundary + "--\r\n")
	buf := make([]byte, 1<<20)
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		f, _ := form.NewReader(bytes.NewReader(body), boundary)
		p, err := f.Next()
		for err == nil {
			_, err = p.Fill(buf, nil)
		}
		if err != io.EOF {
			b.Fatal(err)
		}
	}
}
