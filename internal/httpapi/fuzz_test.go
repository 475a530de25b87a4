package httpapi

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"
)

// clientsFault fails unless an error is one that the client is told: anything
// else would be answered 500.
func clientsFault(t *testing.T, err error) bool {
	t.Helper()
	var e *errs.Error
	if err != nil && (!errors.As(err, &e) || e.Kind == errs.Internal) {
		t.Fatalf("%v is nobody's fault", err)
	}
	return err != nil
}

var proxies = netip.MustParsePrefix("10.0.0.0/8")

// FuzzForwarded: what a client writes into the headers changes nothing of what
// the proxies behind it appended.
func FuzzForwarded(f *testing.F) {
	for _, s := range []string{"", "1.1.1.1", "10.0.0.9, 10.0.0.8", `"`, `for="`, `for="[2001:db8::1]:80";proto=https`, "for=1.1.1.1,", `\`, "unknown, _x", ";;=,", "[::1%eth0]:80", "::ffff:10.0.0.1"} {
		f.Add(s, "https")
		f.Add(s, `a","b`)
	}
	f.Fuzz(func(t *testing.T, wrote, proto string) {
		near, inner := netip.MustParseAddr("10.0.0.1"), "10.0.0.2"
		const client = "203.0.113.7"
		// the peer is no proxy: nothing is believed
		for _, name := range []string{"X-Forwarded-For", "Forwarded"} {
			h := http.Header{name: {wrote}, "X-Forwarded-Proto": {proto}}
			if at, p := origin(h, netip.MustParseAddr(client), proxies.Contains); at.String() != client || p != "" {
				t.Errorf("%v is believed of anybody: %s by %q", h, at, p)
			}
		}
		same := func(h http.Header, wantProto string) {
			t.Helper()
			at, p := origin(h, near, proxies.Contains)
			if at.String() != client || p != wantProto {
				t.Errorf("%q is %s by %q, want %s by %q", h, at, p, client, wantProto)
			}
		}
		same(http.Header{"X-Forwarded-For": {wrote + ", " + client}}, "")
		same(http.Header{"X-Forwarded-For": {wrote, client + ", " + inner}}, "")
		same(http.Header{"X-Forwarded-For": {client}, "X-Forwarded-Proto": {"http"}, "Forwarded": {wrote}}, "http")
		same(http.Header{"Forwarded": {wrote + ", for=" + client + ";proto=http"}}, "http")
		same(http.Header{"Forwarded": {wrote, `for="` + client + `:7";proto=http, for=` + inner + ";proto=http"}}, "http")
		// whatever it is, it is an address, and it is one that was named
		at, _ := origin(http.Header{"X-Forwarded-For": {wrote}, "X-Forwarded-Proto": {proto}}, near, proxies.Contains)
		if !at.IsValid() || at.Zone() != "" || at.Is4In6() {
			t.Errorf("%q is %s", wrote, at)
		}
	})
}

// FuzzTusHeaders: headers that begin an upload by tus, or add to it, are taken
// or refused, and what is taken is what they say.
func FuzzTusHeaders(f *testing.F) {
	for _, s := range [][4]string{
		{"filename YS5qc29ubA==,file_id ZmlsZV8x", "sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "partial", "10"},
		{"metadata e30=,description eA==,rule_set YQ==", "crc32 AAAAAA==", "final;/data/efficient/tus/a /data/efficient/tus/b", ""},
		{"validation_rules eyJtaW5fcmVjb3JkcyI6MX0=,,sha256", "md5 x", "final;", "-1"},
		{"a,a", "", "final;http://x/data/efficient/tus/../y", "99999999999999999999"},
		{"data_type /w==,x AAA", " ", "final; %", "+1"},
	} {
		f.Add(s[0], s[1], s[2], s[3])
	}
	s := &Server{Catalog: emptyCatalog(f)}
	f.Fuzz(func(t *testing.T, metadata, checksum, concat, length string) {
		r := httptest.NewRequest(http.MethodPost, tusPath, nil)
		for name, v := range map[string]string{"Upload-Metadata": metadata, "Upload-Checksum": checksum, "Upload-Concat": concat, "Upload-Length": length} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		n, err := s.tusNew(r)
		if !clientsFault(t, err) {
			if n.Size < -1 || n.Name == "" || !utf8.ValidString(n.Name) || !json.Valid(n.Metadata) || !utf8.Valid(n.Metadata) || n.Piece && len(n.Pieces) > 0 {
				t.Errorf("%q, %q, %q are taken for %+v", metadata, concat, length, n)
			}
			for _, id := range n.Pieces {
				if id == "" || strings.Contains(id, "/") {
					t.Errorf("%q names the upload %q", concat, id)
				}
			}
		}
		sums, _, err := tusChecksum(r)
		if clientsFault(t, err) {
			return
		}
		for _, c := range sums {
			name, text, _ := strings.Cut(checksum, " ")
			if b, err := base64.StdEncoding.DecodeString(text); err != nil || c.Name != name || !bytes.Equal(b, c.Want) || len(b) != c.Hash.Size() {
				t.Errorf("%q is taken for %s %x", checksum, c.Name, c.Want)
			}
		}
	})
}

// FuzzDraftHeaders: the structured fields of the draft, and the digests of RFC
// 9530, are taken or refused.
func FuzzDraftHeaders(f *testing.F) {
	sum := ":" + base64.StdEncoding.EncodeToString(make([]byte, 32)) + ":"
	for _, s := range [][5]string{
		{"6", "?1", "10", "sha-256=" + sum, `attachment; filename="a.jsonl"`},
		{"8", "?0;a=b", "999999999999999", "sha-512=:AA==:, sha-256=" + sum, "attachment; filename*=UTF-8''a%0ab"},
		{"", "1", "-0", "SHA-256=" + sum + ";q=1", `inline; filename="..\..\x"`},
		{"7", "", "1;x", "md5=:x:,,=", ";"},
	} {
		f.Add(s[0], s[1], s[2], s[3], s[4])
	}
	s := &Server{Catalog: emptyCatalog(f)}
	f.Fuzz(func(t *testing.T, version, complete, length, digest, disposition string) {
		r := httptest.NewRequest(http.MethodPost, tusPath, nil)
		for name, v := range map[string]string{"Upload-Draft-Interop-Version": version, "Upload-Complete": complete, "Upload-Length": length,
			"Repr-Digest": digest, "Content-Digest": digest, "Content-Disposition": disposition, "X-Checksum-Crc32": digest, "X-Checksum-Crc64nvme": length} {
			if v != "" {
				r.Header.Set(name, v)
			}
		}
		if sums, err := checksums(r.Header); !clientsFault(t, err) {
			for _, c := range sums {
				if len(c.Want) != c.Hash.Size() {
					t.Errorf("%q has a %s of %d bytes", digest, c.Name, len(c.Want))
				}
			}
		}
		if hash, err := parseDigest(digest); !clientsFault(t, err) && hash != "" {
			if b, err := hex.DecodeString(hash); err != nil || len(b) != 32 || !strings.Contains(strings.ToLower(digest), "sha-256=:") {
				t.Errorf("%q is taken for %s", digest, hash)
			}
		}
		d := draftOf(r)
		if d == nil {
			return
		}
		if d.version != 6 && d.version != 8 {
			t.Errorf("%q is version %d", version, d.version)
		}
		n, in, err := s.draftNew(r, d)
		if clientsFault(t, err) {
			return
		}
		if n.Size < -1 || n.Size > maxDraftInt || !json.Valid(n.Metadata) || n.Name == "" || complete == "?0" && in.Final {
			t.Errorf("%+v, %+v", n, in)
		}
	})
}

// FuzzDisposition: any name gives one header line that says how a file is kept,
// and only that.
func FuzzDisposition(f *testing.F) {
	for _, s := range []string{"a.jsonl", `"; filename="evil.exe`, "a\r\nSet-Cookie: x", "../../etc/passwd", "%0d%0a", "ü ☃.csv", "\xff\x00", "con", strings.Repeat("ä", 300) + ".jsonl", `a\`, "a\u202egpj.exe"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		v := disposition(name)
		for _, c := range []byte(v) {
			if c < 0x20 || c > 0x7e {
				t.Fatalf("%q gives %q", name, v)
			}
		}
		kind, params, err := mime.ParseMediaType(v)
		if err != nil || kind != "attachment" || params["filename"] != upload.SafeName(name) {
			t.Errorf("%q gives %q, which is read as %s %q, %v; want %q", name, v, kind, params["filename"], err, upload.SafeName(name))
		}
	})
}

// FuzzRange: any range of a file that is opened again at each place gives what
// net/http gives of bytes in memory.
func FuzzRange(f *testing.F) {
	for _, s := range []string{"bytes=0-", "bytes=-5", "bytes=3-7", "bytes=0-1,5-9", "bytes=99-", "bytes=5-3", "bytes=,", "bits=0-1", "bytes=0-9223372036854775807", "bytes=-9223372036854775808", "bytes=0-0," + strings.Repeat("1-2,", 50)} {
		f.Add(s, `"x"`, uint8(40))
	}
	f.Add("bytes=1-2", `W/"x"`, uint8(3))
	f.Fuzz(func(t *testing.T, asked, condition string, size uint8) {
		data := bytes.Repeat([]byte("0123456789"), 26)[:size]
		answer := func(body io.ReadSeeker) *http.Response {
			r := httptest.NewRequest(http.MethodGet, "/", nil)
			r.Header.Set("Range", asked)
			r.Header.Set("If-Range", condition)
			w := httptest.NewRecorder()
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Content-Type", "text/plain")
			http.ServeContent(w, r, "", time.Time{}, body)
			return w.Result()
		}
		s := &seekable{ctx: t.Context(), size: int64(size), open: func(_ context.Context, off int64) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(data[off:])), nil
		}}
		got, want := answer(s), answer(bytes.NewReader(data))
		if got.StatusCode != want.StatusCode || got.Header.Get("Content-Range") != want.Header.Get("Content-Range") {
			t.Fatalf("%q of %d bytes: %d %q, want %d %q", asked, size, got.StatusCode, got.Header.Get("Content-Range"), want.StatusCode, want.Header.Get("Content-Range"))
		}
		if strings.HasPrefix(got.Header.Get("Content-Type"), "multipart/") {
			return // each has a boundary of its own
		}
		a, err := io.ReadAll(got.Body)
		b, e := io.ReadAll(want.Body)
		if err != nil || e != nil || !bytes.Equal(a, b) {
			t.Errorf("%q of %d bytes: %q, want %q", asked, size, a, b)
		}
	})
}

// FuzzBody: a JSON body is taken or refused, and only one object is.
func FuzzBody(f *testing.F) {
	for _, s := range []string{`{"file_name":"a.jsonl","file_size":3}`, `{"file_name":"a","metadata":{"a":1},"validation_rules":null}`, `{}{}`, `[]`, `null`, `{"file_size":1e999}`, `{"file_name":7}`, "{\"file_name\":\"\xff\"}", strings.Repeat(`{"metadata":`, 50)} {
		f.Add(s)
	}
	s := &Server{Catalog: emptyCatalog(f)}
	f.Fuzz(func(t *testing.T, in string) {
		r := httptest.NewRequest(http.MethodPost, Prefix+"/uploads", strings.NewReader(in))
		n, err := s.newUpload(httptest.NewRecorder(), r)
		if clientsFault(t, err) {
			return
		}
		var again api.NewUpload
		if e := json.Unmarshal([]byte(in), &again); e != nil || n.Name != again.FileName || n.Size < -1 || !json.Valid(n.Metadata) {
			t.Errorf("%q is taken for %+v, %v", in, n, e)
		}
	})
}

// FuzzNegotiation: what is asked of the console's files is read without a fault.
func FuzzNegotiation(f *testing.F) {
	for _, s := range []string{"gzip", "gzip;q=0", "br, gzip;q=0.001", "gzip;q=x", "*", `"a", W/"b"`, ",,;=", "http://h", "http://%zz", "null", "localhost.", "[::1", "127.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, v string) {
		takesGzip([]string{v})
		matches([]string{v}, `"a"`)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Host = "freshet.example.com"
		r.Header.Set("Origin", v)
		if sameOrigin(r) && v != "" && !strings.Contains(v, r.Host) {
			t.Errorf("%q is the origin of %s", v, r.Host)
		}
		for _, evil := range []string{v + ".example.com", v + "x", "x" + v} { // names that only begin or end like one
			if host, _, err := net.SplitHostPort(evil); isLoopback(evil) && (err != nil || !isLoopback(host)) && !isAddress(evil) {
				t.Errorf("%q is a loopback name", evil)
			}
		}
	})
}

func isAddress(v string) bool {
	_, err := netip.ParseAddr(strings.Trim(v, "[]"))
	return err == nil
}

// emptyCatalog is a real one that holds nothing.
func emptyCatalog(f *testing.F) *catalog.Store {
	f.Helper()
	c, err := catalog.Open(context.Background(), "sqlite://"+filepath.Join(f.TempDir(), "catalog.db"))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { c.Close() })
	return c
}
