package httpapi

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

// console serves the browser console: files that are part of the program and
// the same for everybody, so that they need no key.
type console struct {
	routes map[string]bool // the patterns that are its own
	index  *asset
}

// pages are the addresses that the console itself tells apart.
var pages = []string{"/{$}", "/files", "/files/{rest...}", "/rules", "/activity", "/audit", "/keys", "/settings", "/sign-in"}

// asset is a file of the console.
type asset struct {
	body      func() []byte // it lies in the program: kept nowhere else
	mediaType string
	tag       string
	immutable bool // its name changes with what is in it
	packed    func() []byte
}

// mediaTypes are those of files of the console, rather than what a machine has
// set up for them; text is worth compressing.
var mediaTypes = map[string]struct {
	name string
	text bool
}{
	".html": {"text/html; charset=utf-8", true}, ".js": {"text/javascript; charset=utf-8", true}, ".css": {"text/css; charset=utf-8", true}, ".svg": {"image/svg+xml", true},
	".json": {"application/json", true}, ".webmanifest": {"application/manifest+json", true}, ".txt": {"text/plain; charset=utf-8", true},
	".png": {"image/png", false}, ".ico": {"image/x-icon", false}, ".woff2": {"font/woff2", false},
}

// serve registers the pages, and every file by its name.
func (c *console) serve(mux *http.ServeMux, files fs.FS) {
	c.routes = map[string]bool{}
	register := func(at string, a *asset) {
		pattern := "GET " + at
		mux.Handle(pattern, a)
		c.routes[pattern] = true
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		a, err := newAsset(files, name)
		if err != nil {
			return err
		}
		if name != "index.html" {
			register("/"+name, a)
			return nil
		}
		c.index = a
		for _, at := range pages {
			register(at, a)
		}
		return nil
	})
	if err != nil {
		panic(err) // they are embedded
	}
}

func newAsset(files fs.FS, name string) (*asset, error) {
	body := func() []byte {
		b, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err) // it is embedded
		}
		return b
	}
	sum, err := hashOf(files, name)
	if err != nil {
		return nil, err
	}
	a := &asset{body: body, mediaType: "application/octet-stream", tag: hex.EncodeToString(sum), immutable: strings.HasPrefix(name, "assets/")}
	a.packed = func() []byte { return nil }
	if t, ok := mediaTypes[path.Ext(name)]; ok {
		a.mediaType = t.name
		if t.text {
			a.packed = sync.OnceValue(func() []byte { return compress(body()) })
		}
	}
	return a, nil
}

// hashOf is a hash of a file, by which caches tell its versions apart.
func hashOf(files fs.FS, name string) ([]byte, error) {
	f, err := files.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return nil, err
	}
	return h.Sum(nil)[:12], nil
}

// compress gives nil where it would not pay.
func compress(p []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is one
	}
	if _, err := w.Write(p); err != nil {
		panic(err) // memory takes all
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	if b.Len() >= len(p) {
		return nil
	}
	return b.Bytes()
}

// contentPolicy lets the console load and ask nothing but this server.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; worker-src 'self'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// nothingHere shows a person who asks for an unknown address the console's page
// for that, and tells whether it did: a program gets a problem.
func (c *console) nothingHere(w http.ResponseWriter, r *http.Request) bool {
	person := (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.Contains(r.Header.Get("Accept"), "text/html") && !strings.HasPrefix(r.URL.Path, Prefix)
	if !person || c.index == nil {
		return false
	}
	c.index.give(w, r, http.StatusNotFound)
	return true
}

func (a *asset) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.give(w, r, http.StatusOK) }

// give sends the file, compressed where that is asked for.
func (a *asset) give(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	if requestFrom(r.Context()).secure || isLoopback(r.Host) { // elsewhere browsers ignore it, and complain
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
	}
	h.Set("Permissions-Policy", "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()")
	h.Set("Cache-Control", "no-cache")
	if a.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	tag := `"` + a.tag + `"`
	var body []byte
	if packed := a.packed(); packed != nil {
		h.Add("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Values("Accept-Encoding")) {
			body, tag = packed, `"`+a.tag+`-gzip"`
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("ETag", tag)
	if status == http.StatusOK && matches(r.Header.Values("If-None-Match"), tag) {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if body == nil {
		body = a.body()
	}
	h.Set("Content-Type", a.mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(body)
	}
}

// takesGzip tells whether an Accept-Encoding names gzip, and not to refuse it.
func takesGzip(values []string) bool {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		name, params, _ := strings.Cut(item, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(params, " ", "")), "q=")
		weight, err := strconv.ParseFloat(q, 64)
		return !ok || err == nil && weight > 0
	}
	return false
}

// matches tells whether an If-None-Match names the tag.
func matches(values []string, tag string) bool {
	for item := range strings.SplitSeq(strings.Join(values, ","), ",") {
		item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
		if item == tag || item == "*" {
			return true
		}
	}
	return false
}
