package httpapi

import (
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"
)

// Resumable Uploads for HTTP, draft-ietf-httpbis-resumable-upload: interop
// version 6 (revisions 04 and 05) and 8 (from 09 on).

const (
	draftType    = "application/partial-upload"
	problemTypes = "https://iana.org/assignments/http-problem-types#"
	maxDraftInt  = 999_999_999_999_999 // of a structured field's integer
)

// draft is what a request of the draft says.
type draft struct {
	version  int // 6 or 8
	interim  bool
	complete bool // these bytes are the last
	told     bool // it says whether they are
}

// draftOf tells whether a request speaks the draft: by its version header, or,
// in a version that is not spoken or has none, by Upload-Complete. What begins an
// upload needs that one: older versions say otherwise whether more bytes follow.
func draftOf(r *http.Request) *draft {
	d := &draft{}
	v, told := item(r.Header, "Upload-Complete")
	d.complete, d.told = v == "?1", told
	switch version := r.Header.Get("Upload-Draft-Interop-Version"); version {
	case "6":
		d.version, d.interim = 6, true
	case "8":
		d.version, d.interim = 8, true
	default:
		begins := r.Method == http.MethodPost || r.Method == http.MethodPut
		if !told && (version == "" || begins) || r.Header.Get("Tus-Resumable") != "" {
			return nil
		}
		d.version = 8
	}
	d.interim = d.interim && r.ProtoAtLeast(1, 1)
	return d
}

// item is the value of a structured field, without parameters: none of the
// draft's fields has any that mean something. A field that is there twice is
// given as one that is neither a boolean nor a number.
func item(h http.Header, name string) (string, bool) {
	v := h.Values(name)
	if len(v) != 1 {
		return strings.Join(v, ", "), len(v) > 0
	}
	bare, _, _ := strings.Cut(v[0], ";")
	return bare, true
}

// draftInt reads an integer of the draft, with the range of a structured field's.
func draftInt(h http.Header, name string) (int64, bool, error) {
	v, has := item(h, name)
	if !has {
		return 0, false, nil
	}
	n, err := whole(name, v, maxDraftInt)
	return n, true, err
}

// valid refuses an Upload-Complete that is not a boolean, or is missing.
func (d *draft) valid(r *http.Request, needed bool) error {
	switch v, has := item(r.Header, "Upload-Complete"); {
	case !has && needed:
		return errs.E(errs.Malformed, "bad-header", "the header Upload-Complete is missing").WithHint("?1 with the last bytes, ?0 before")
	case has && v != "?0" && v != "?1":
		return errs.E(errs.Malformed, "bad-header", "the header Upload-Complete must be ?0 or ?1, not %q", v)
	}
	return nil
}

// uploadLimit is the header that tells what is taken.
func (s *Server) uploadLimit(u *catalog.Upload, version int) string {
	limit := "min-size=1" // a file without bytes is refused
	if m := s.Settings.MaxFileSize; m > 0 {
		limit += fmt.Sprintf(", max-size=%d", m)
	}
	if u != nil && u.State == catalog.UploadOpen {
		name := "max-age"
		if version == 6 {
			name = "expires"
		}
		limit += fmt.Sprintf(", %s=%d", name, max(0, int64(time.Until(u.Expires).Seconds())))
	}
	return limit
}

// draftStanding gives the headers that tell where an upload stands. One that
// failed takes no bytes either, and a client shall not go on with it.
func (s *Server) draftStanding(h http.Header, u *catalog.Upload, version int) {
	h.Set("Upload-Complete", "?0")
	if u.State == catalog.UploadComplete || u.State == catalog.UploadFailed {
		h.Set("Upload-Complete", "?1")
	}
	if version != 0 {
		h.Set("Upload-Draft-Interop-Version", strconv.Itoa(version))
		h.Set("Upload-Limit", s.uploadLimit(u, version))
	}
}

// draftFail answers with a problem, by the types and statuses of the draft.
func (s *Server) draftFail(w http.ResponseWriter, r *http.Request, d *draft, u *catalog.Upload, provided int64, err error) {
	p := s.problem(r.Context(), err)
	adapt(w, r, p)
	h := w.Header()
	if p.Status == http.StatusRequestEntityTooLarge {
		h.Set("Upload-Limit", s.uploadLimit(nil, d.version))
	}
	if u.ID != "" {
		standing(h, u)
		s.draftStanding(h, u, d.version)
	}
	as := func(kind, title string, status int) {
		p.Type, p.Title, p.Status = problemTypes+kind, title, status
	}
	switch p.Code {
	case upload.OffsetMismatch:
		as("mismatching-upload-offset", "offset from request does not match offset of resource", http.StatusConflict)
		p.ExpectedOffset, p.ProvidedOffset = &u.Committed, &provided
	case "upload-complete":
		as("completed-upload", "upload is already completed", http.StatusBadRequest)
	case "size-changed", "size-too-small", "bytes-missing", "beyond-size", "inconsistent-length":
		as("inconsistent-upload-length", "inconsistent length values for upload", http.StatusBadRequest)
	}
	s.refuseProblem(w, r, p)
}

// interim sends a 104 with the headers that follow; h is free of them after.
func interim(w http.ResponseWriter, d *draft, headers map[string]string) {
	if !d.interim {
		return
	}
	h := w.Header()
	h.Set("Upload-Draft-Interop-Version", strconv.Itoa(d.version))
	for k, v := range headers {
		h.Set(k, v)
	}
	w.WriteHeader(104)
	for k := range headers {
		h.Del(k)
	}
}

// progress is told of what is committed, and tells the client.
func (d *draft) progress(w http.ResponseWriter) func(int64) {
	if !d.interim {
		return nil
	}
	return func(committed int64) {
		interim(w, d, map[string]string{"Upload-Offset": strconv.FormatInt(committed, 10)})
	}
}

// draftCreate begins an upload and takes the bytes that come along, which may be all.
func (s *Server) draftCreate(w http.ResponseWriter, r *http.Request, d *draft) {
	n, in, err := s.draftNew(r, d)
	var u catalog.Upload
	if err == nil {
		var c *upload.Created
		if c, err = s.Uploads.Create(r.Context(), n); err == nil {
			u = c.Upload
		}
	}
	if err != nil {
		s.draftFail(w, r, d, &u, 0, err)
		return
	}
	requestFrom(r.Context()).fileID = u.FileID
	location := tusPath + u.ID
	interim(w, d, map[string]string{"Location": location, "Upload-Limit": s.uploadLimit(&u, d.version)})
	in.Progress = d.progress(w)
	out, err := s.appendBody(r, u.ID, in)
	w.Header().Set("Location", location)
	s.draftAnswer(w, r, d, out, 0, err, http.StatusCreated)
}

// draftNew reads the headers that begin an upload.
func (s *Server) draftNew(r *http.Request, d *draft) (upload.New, upload.Appending, error) {
	f := fields{dataType: "custom", id: r.Header.Get("X-File-Id")}
	n := upload.New{Protocol: catalog.Append, Size: -1, Actor: actor(r.Context()), TusMetadata: r.Header.Get("Upload-Metadata")}
	var in upload.Appending
	err := d.valid(r, false)
	if _, params, e := mime.ParseMediaType(r.Header.Get("Content-Disposition")); e == nil {
		n.Name = params["filename"]
	}
	if err == nil {
		if v := r.Header.Get("Repr-Digest"); v != "" {
			f.sha256, err = parseDigest(v)
		}
	}
	if err == nil {
		err = s.readTusMetadata(r.Context(), &n, &f)
	}
	if err == nil && n.ID == "" {
		n.ID = f.id
	}
	if err != nil {
		return n, in, err
	}
	in.Final = d.complete || !d.told
	in.Checksums, err = checksums(r.Header)
	if err != nil {
		return n, in, err
	}
	size, has, err := draftInt(r.Header, "Upload-Length")
	if err != nil {
		return n, in, err
	}
	if has {
		n.Size = size
	}
	if in.Final && r.ContentLength >= 0 {
		if has && size != r.ContentLength {
			return n, in, errs.E(errs.Malformed, "inconsistent-length", "the whole upload comes with %d bytes, but Upload-Length says %d", r.ContentLength, size)
		}
		n.Size = r.ContentLength
	}
	return n, in, nil
}

// draftAnswer tells where an upload stands after bytes came.
func (s *Server) draftAnswer(w http.ResponseWriter, r *http.Request, d *draft, out upload.Appended, offset int64, err error, completed int) {
	u := &out.Upload
	if err != nil {
		s.draftFail(w, r, d, u, offset, err)
		return
	}
	standing(w.Header(), u)
	s.draftStanding(w.Header(), u, d.version)
	switch {
	case out.Outcome != nil:
		writeJSON(w, completed, s.uploaded(out.Outcome, u.FileID))
	case d.version == 6 || completed == http.StatusCreated:
		w.WriteHeader(http.StatusCreated)
	default:
		w.WriteHeader(http.StatusNoContent)
	}
}

// draftHead tells where an upload stands.
func (s *Server) draftHead(w http.ResponseWriter, r *http.Request, d *draft) {
	u, err := s.resumableUpload(r)
	if err == nil {
		err = ended(&u)
	}
	if err == nil && d.version == 6 {
		err = noUploadHeaders(r)
	}
	if err != nil {
		s.draftFail(w, r, d, &catalog.Upload{}, 0, err)
		return
	}
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	standing(h, &u)
	s.draftStanding(h, &u, d.version)
	if u.Size >= 0 {
		h.Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	}
	w.WriteHeader(http.StatusNoContent)
}

// noUploadHeaders refuses what version 6 forbids where bytes are only asked for.
func noUploadHeaders(r *http.Request) error {
	for _, name := range []string{"Upload-Offset", "Upload-Complete", "Upload-Length"} {
		if r.Header.Get(name) != "" {
			return errs.E(errs.Malformed, "bad-header", "the header %s has no place in a %s", name, strings.ToUpper(r.Method))
		}
	}
	return nil
}

// draftAppend adds bytes.
func (s *Server) draftAppend(w http.ResponseWriter, r *http.Request, d *draft) {
	u, err := s.resumableUpload(r)
	if err == nil {
		err = ended(&u)
	}
	if err != nil {
		s.draftFail(w, r, d, &catalog.Upload{}, 0, err)
		return
	}
	in, err := s.draftBytes(r, d)
	if err == nil {
		err = d.takes(r, &in, &u)
	}
	if err != nil { // it tells where the upload stands, too
		s.draftFail(w, r, d, &u, in.Offset, err)
		return
	}
	in.Progress = d.progress(w)
	out, err := s.appendBody(r, u.ID, in)
	if errs.HasCode(err, "beyond-size") && d.version == 8 { // such an upload is not to be used any more
		if e := s.Uploads.Abort(r.Context(), u.ID, actor(r.Context())); e != nil && !errs.Is(e, errs.Conflict) {
			s.Log.Error("an upload with too many bytes stays open", "upload_id", u.ID, "error", e.Error())
		}
	}
	s.draftAnswer(w, r, d, out, in.Offset, err, http.StatusOK)
}

// draftBytes reads the headers of a request that adds bytes.
func (s *Server) draftBytes(r *http.Request, d *draft) (in upload.Appending, err error) {
	if !isType(r, draftType) {
		return in, errs.E(errs.BadMedia, "wrong-media-type", "the body must be %s", draftType)
	}
	if err = d.valid(r, d.version == 8); err != nil {
		return in, err
	}
	var has bool
	if in.Offset, has, err = draftInt(r.Header, "Upload-Offset"); err == nil && !has {
		err = errs.E(errs.Malformed, "bad-header", "the header Upload-Offset is missing")
	}
	if err != nil {
		return in, err
	}
	if size, has, err := draftInt(r.Header, "Upload-Length"); err != nil {
		return in, err
	} else if has {
		in.Size = &size
	}
	in.Final = d.complete
	in.Checksums, err = checksums(r.Header)
	return in, err
}

// takes refuses what an upload cannot take, by what the request's headers say.
func (d *draft) takes(r *http.Request, in *upload.Appending, u *catalog.Upload) error {
	switch complete := u.State == catalog.UploadComplete; {
	case len(u.Pieces) > 0:
		return errs.E(errs.Forbidden, "final-upload", "an upload that is made of others takes no bytes")
	case complete && d.version == 8 && r.ContentLength != 0:
		return errs.E(errs.Malformed, "inconsistent-length", "the upload is complete; nothing can be added")
	case complete && in.Offset != u.Committed:
		return errs.E(errs.Conflict, upload.OffsetMismatch, "the upload has %d bytes, the request goes on at %d", u.Committed, in.Offset)
	case complete:
		return catalog.UploadEnded(u)
	}
	return d.length(r, in, u)
}

// length learns the upload's from the last bytes, and refuses two that differ.
func (d *draft) length(r *http.Request, in *upload.Appending, u *catalog.Upload) error {
	if !in.Final || r.ContentLength < 0 {
		return nil
	}
	end := in.Offset + r.ContentLength
	for _, size := range []*int64{in.Size, &u.Size} {
		if size != nil && *size >= 0 && *size != end {
			return errs.E(errs.Malformed, "inconsistent-length", "the upload ends at %d with these bytes, but its length is %d", end, *size)
		}
	}
	if in.Offset == u.Committed {
		in.Size = &end
	}
	return nil
}

// draftDelete takes an upload back.
func (s *Server) draftDelete(w http.ResponseWriter, r *http.Request, d *draft) {
	u, err := s.resumableUpload(r)
	if err == nil && d.version == 6 {
		err = noUploadHeaders(r)
	}
	if err == nil {
		err = s.remove(r.Context(), &u)
	}
	if err != nil {
		s.draftFail(w, r, d, &catalog.Upload{}, 0, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
