package httpapi

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash"
	"hash/crc32"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"
)

// tus 1.0.0, https://tus.io/protocols/resumable-upload

const (
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,creation-defer-length,expiration,checksum,checksum-trailer,termination,concatenation"
	tusAlgorithms = "sha1,sha256,crc32"
	tusType       = "application/offset+octet-stream"
)

// statusChecksumMismatch is the protocol's own.
const statusChecksumMismatch = 460

// tusFail answers with a problem, by the statuses of the protocol.
func (s *Server) tusFail(w http.ResponseWriter, r *http.Request, err error) {
	p := s.problem(r.Context(), err)
	if p.Code == "checksum-mismatch" {
		p.Status, p.Title = statusChecksumMismatch, "Checksum Mismatch"
	}
	adapt(w, r, p)
	s.refuseProblem(w, r, p)
}

// tusSpoken refuses requests of other versions of the protocol.
func tusSpoken(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Tus-Resumable", tusVersion)
	if v := r.Header.Get("Tus-Resumable"); v != tusVersion && (v != "" || r.Method != http.MethodHead) {
		w.Header().Set("Tus-Version", tusVersion)
		return errs.E(errs.Unsupported, "wrong-version", "the request speaks version %q of tus, the server %s", v, tusVersion).WithHint("send Tus-Resumable: %s", tusVersion)
	}
	return nil
}

// tusCreate begins an upload, and takes its first bytes if they come along.
func (s *Server) tusCreate(w http.ResponseWriter, r *http.Request) {
	if err := tusSpoken(w, r); err != nil {
		s.tusFail(w, r, err)
		return
	}
	var out upload.Appended
	n, err := s.tusNew(r)
	switch {
	case err != nil:
	case len(n.Pieces) > 0:
		out, err = s.Uploads.Concat(r.Context(), n)
	default:
		out, err = s.tusBegin(r, n)
	}
	u := &out.Upload
	if u.ID != "" {
		w.Header().Set("Location", tusPath+u.ID)
		standing(w.Header(), u)
	}
	if err != nil {
		s.tusFail(w, r, err)
		return
	}
	requestFrom(r.Context()).fileID = u.FileID
	w.WriteHeader(http.StatusCreated)
}

func (s *Server) tusBegin(r *http.Request, n upload.New) (upload.Appended, error) {
	var in upload.Appending
	with := isType(r, tusType)
	if with {
		var err error
		if in.Checksums, in.Trailer, err = tusChecksum(r); err != nil {
			return upload.Appended{}, err
		}
	}
	c, err := s.Uploads.Create(r.Context(), n)
	if err != nil {
		return upload.Appended{}, err
	}
	if !with || r.ContentLength == 0 {
		return upload.Appended{Upload: c.Upload}, nil
	}
	in.Auto = true
	return s.appendBody(r, c.Upload.ID, in)
}

// tusNew reads the headers that begin an upload.
func (s *Server) tusNew(r *http.Request) (upload.New, error) {
	f := fields{dataType: "custom"}
	n := upload.New{Protocol: catalog.Append, Size: -1, Actor: actor(r.Context()), TusMetadata: r.Header.Get("Upload-Metadata"), Concat: r.Header.Get("Upload-Concat")}
	if err := s.readTusMetadata(r.Context(), &n, &f); err != nil {
		return n, err
	}
	length, has, err := number(r.Header, "Upload-Length")
	if err != nil {
		return n, err
	}
	if has {
		n.Size = length
	}
	concat := n.Concat
	deferred := r.Header.Get("Upload-Defer-Length")
	switch urls, final := strings.CutPrefix(concat, "final;"); {
	case final:
		if has || deferred != "" {
			return n, errs.E(errs.Malformed, "bad-length", "the length of a concatenation is that of its pieces; leave Upload-Length out")
		}
		for address := range strings.FieldsSeq(urls) {
			id, err := idOf(address)
			if err != nil {
				return n, err
			}
			n.Pieces = append(n.Pieces, id)
		}
		if len(n.Pieces) == 0 {
			return n, errs.E(errs.Malformed, "bad-concat", "the header Upload-Concat names no uploads")
		}
		return n, nil
	case concat == "partial":
		n.Piece = true
	case concat != "":
		return n, errs.E(errs.Malformed, "bad-concat", "the header Upload-Concat is neither partial nor final;URL URL…")
	}
	switch {
	case deferred != "" && deferred != "1":
		return n, errs.E(errs.Malformed, "bad-length", "the header Upload-Defer-Length must be 1")
	case has == (deferred != ""):
		return n, errs.E(errs.Malformed, "bad-length", "one of Upload-Length and Upload-Defer-Length: 1 is needed")
	}
	return n, nil
}

// tusHead tells where an upload stands. It waits for nobody.
func (s *Server) tusHead(w http.ResponseWriter, r *http.Request) {
	if err := tusSpoken(w, r); err != nil {
		s.tusFail(w, r, err)
		return
	}
	u, err := s.resumableUpload(r)
	if err == nil {
		err = ended(&u)
	}
	if err != nil {
		s.tusFail(w, r, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	standing(h, &u)
	s.draftStanding(h, &u, 0)
	if u.Size >= 0 {
		h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	} else {
		h.Set("Upload-Defer-Length", "1")
	}
	if u.Metadata != "" {
		h.Set("Upload-Metadata", u.Metadata)
	}
	if u.Concat != "" {
		h.Set("Upload-Concat", u.Concat)
		if len(u.Pieces) > 0 && u.State == catalog.UploadOpen {
			h.Del("Upload-Offset") // its pieces are still being put together
		}
	}
	w.WriteHeader(http.StatusOK)
}

// tusAppend adds bytes.
func (s *Server) tusAppend(w http.ResponseWriter, r *http.Request) {
	err := tusSpoken(w, r)
	var u catalog.Upload
	var out upload.Appended
	if err == nil {
		u, err = s.resumableUpload(r)
	}
	if err == nil {
		out, err = s.tusBytes(r, u)
	}
	if out.Upload.ID != "" {
		standing(w.Header(), &out.Upload)
	}
	if err != nil {
		s.tusFail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// tusBytes reads what a request adds to u, and adds it. Refusals tell where u stands, too.
func (s *Server) tusBytes(r *http.Request, u catalog.Upload) (upload.Appended, error) {
	none := upload.Appended{Upload: u}
	if err := ended(&u); err != nil {
		return upload.Appended{}, err
	}
	if len(u.Pieces) > 0 {
		return none, errs.E(errs.Forbidden, "final-upload", "an upload that is made of others takes no bytes")
	}
	if !isType(r, tusType) {
		return none, errs.E(errs.BadMedia, "wrong-media-type", "the body must be %s", tusType)
	}
	in := upload.Appending{Auto: true}
	offset, has, err := number(r.Header, "Upload-Offset")
	if err == nil && !has {
		err = errs.E(errs.Malformed, "bad-header", "the header Upload-Offset is missing")
	}
	if err != nil {
		return none, err
	}
	in.Offset = offset
	if size, has, err := number(r.Header, "Upload-Length"); err != nil {
		return none, err
	} else if has {
		in.Size = &size
	}
	if in.Checksums, in.Trailer, err = tusChecksum(r); err != nil {
		return none, err
	}
	if u.State == catalog.UploadComplete && in.Offset == u.Committed && r.ContentLength == 0 {
		return none, nil // told again that it is at its end
	}
	return s.appendBody(r, u.ID, in)
}

// tusDelete takes an upload back.
func (s *Server) tusDelete(w http.ResponseWriter, r *http.Request) {
	err := tusSpoken(w, r)
	var u catalog.Upload
	if err == nil {
		u, err = s.resumableUpload(r)
	}
	if err == nil {
		err = s.remove(r.Context(), &u)
	}
	if err != nil {
		s.tusFail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func isType(r *http.Request, want string) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == want
}

// tusChecksum reads the checksum of a body, from the header or from the trailer.
// Which one the trailer will hold is not known before it is there.
func tusChecksum(r *http.Request) ([]*upload.Checksum, func() error, error) {
	var out []*upload.Checksum
	if v := r.Header.Get("Upload-Checksum"); v != "" {
		c, err := parseTusChecksum(v)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, c)
	}
	if _, announced := r.Trailer["Upload-Checksum"]; !announced {
		return out, nil, nil
	}
	byName := map[string]*upload.Checksum{}
	for name, make := range tusHashes {
		c := &upload.Checksum{Name: name, Hash: make()}
		byName[name] = c
		out = append(out, c)
	}
	return out, func() error {
		c, err := parseTusChecksum(r.Trailer.Get("Upload-Checksum"))
		if err == nil {
			byName[c.Name].Want = c.Want
		}
		return err
	}, nil
}

var tusHashes = map[string]func() hash.Hash{"sha1": sha1.New, "sha256": sha256.New, "crc32": func() hash.Hash { return crc32.NewIEEE() }}

func parseTusChecksum(v string) (*upload.Checksum, error) {
	name, text, _ := strings.Cut(v, " ")
	make := tusHashes[name]
	if make == nil {
		return nil, errs.E(errs.Malformed, "bad-checksum", "the checksum algorithm %q is not one of %s", name, tusAlgorithms)
	}
	c := &upload.Checksum{Name: name, Hash: make()}
	var err error
	if c.Want, err = base64.StdEncoding.DecodeString(text); err != nil || len(c.Want) != c.Hash.Size() {
		return nil, errs.E(errs.Malformed, "bad-checksum", "Upload-Checksum has no %s of %d bytes in base64", name, c.Hash.Size())
	}
	return c, nil
}

// readTusMetadata takes what Upload-Metadata says of the file; keys that mean
// nothing to us are kept as metadata.
func (s *Server) readTusMetadata(ctx context.Context, n *upload.New, f *fields) error {
	other := map[string]string{}
	seen := map[string]bool{}
	for pair := range strings.SplitSeq(n.TusMetadata, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, text, _ := strings.Cut(pair, " ")
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil || seen[key] {
			return errs.E(errs.Malformed, "bad-metadata", "the header Upload-Metadata: %q is not a new key with a value in base64", key)
		}
		seen[key] = true
		v := strings.ToValidUTF8(string(b), "\uFFFD")
		switch key {
		case "filename":
			n.Name = v
		case "file_id":
			n.ID = v
		case "data_type", "description", "validation_rules", "rule_set", "sha256":
			if err := f.set(key, v); err != nil {
				return err
			}
		default:
			other[key] = v
		}
	}
	if n.Name == "" {
		n.Name = "upload"
	}
	if len(other) > 0 {
		b, err := json.Marshal(other)
		if err != nil {
			return err
		}
		if err := f.set("metadata", string(b)); err != nil {
			return err
		}
	}
	if err := f.resolve(ctx, s); err != nil {
		return err
	}
	n.DataType, n.Metadata, n.Rules, n.WantSHA256 = f.dataType, f.describe(), f.rules, f.sha256
	return nil
}
