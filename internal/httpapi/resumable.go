package httpapi

import (
	"context"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/upload"
)

// Uploads whose bytes come in order are one resource that speaks two protocols:
// tus 1.0.0 and the IETF's draft of resumable uploads. Which one a request
// speaks is told by its headers, see draftOf; tus.go and draft.go are thin
// translations to Create, Append, Abort and Concat.

const (
	tusPath     = Prefix + "/tus/"
	acceptPatch = draftType + ", " + tusType
)

// resumableRoutes are theirs.
func (s *Server) resumableRoutes(mux *http.ServeMux) {
	for _, collection := range []string{Prefix + "/tus", tusPath + "{$}"} {
		mux.HandleFunc(collection, s.resumables)
	}
	mux.HandleFunc(tusPath+"{upload_id}", s.resumable)
}

// resumables is the collection: uploads are created there.
func (s *Server) resumables(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	d := draftOf(r)
	if o := r.Header.Get("X-HTTP-Method-Override"); o != "" && method == http.MethodPost {
		method = strings.ToUpper(o)
	}
	switch {
	case method == http.MethodOptions:
		s.resumableOptions(w)
	case d != nil && (method == http.MethodPost || method == http.MethodPut):
		s.draftCreate(w, r, d)
	case method == http.MethodPost:
		s.tusCreate(w, r)
	default:
		w.Header().Set("Allow", "OPTIONS, POST")
		s.refuse(w, r, errs.E(errs.BadMethod, "method-not-allowed", "%s is not possible here; POST begins an upload", method))
	}
}

// resumable is one upload.
func (s *Server) resumable(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	d := draftOf(r)
	if o := r.Header.Get("X-HTTP-Method-Override"); o != "" && method == http.MethodPost {
		method = strings.ToUpper(o)
	}
	switch {
	case method == http.MethodOptions:
		s.resumableOptions(w)
	case method == http.MethodGet:
		s.resumableBytes(w, r)
	case d != nil && method == http.MethodHead:
		s.draftHead(w, r, d)
	case d != nil && method == http.MethodPatch:
		s.draftAppend(w, r, d)
	case d != nil && method == http.MethodDelete:
		s.draftDelete(w, r, d)
	case method == http.MethodHead:
		s.tusHead(w, r)
	case method == http.MethodPatch:
		s.tusAppend(w, r)
	case method == http.MethodDelete:
		s.tusDelete(w, r)
	default:
		w.Header().Set("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH")
		s.refuse(w, r, errs.E(errs.BadMethod, "method-not-allowed", "%s is not possible here", method))
	}
}

// resumableOptions tells what can be done, in both protocols at once: a browser
// asks without saying which it speaks.
func (s *Server) resumableOptions(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Tus-Resumable", tusVersion)
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Checksum-Algorithm", tusAlgorithms)
	if m := s.Settings.MaxFileSize; m > 0 {
		h.Set("Tus-Max-Size", strconv.FormatInt(m, 10))
	}
	h.Set("Accept-Patch", acceptPatch)
	h.Set("Upload-Limit", s.uploadLimit(nil, 8))
	h.Set("Allow", "DELETE, GET, HEAD, OPTIONS, PATCH, POST")
	w.WriteHeader(http.StatusNoContent)
}

// resumableBytes gives the bytes of an upload that is complete.
func (s *Server) resumableBytes(w http.ResponseWriter, r *http.Request) {
	u, err := s.resumableUpload(r)
	switch {
	case err != nil:
	case u.State == catalog.UploadOpen:
		err = errs.E(errs.Conflict, "upload-open", "the upload is not complete").WithHint("HEAD tells where it stands")
	case u.State != catalog.UploadComplete || u.FileID == "":
		err = catalog.UploadEnded(&u)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	r.SetPathValue("file_id", u.FileID)
	s.download(w, r)
}

// resumableUpload is the upload that a request is about. One whose file is gone is gone.
func (s *Server) resumableUpload(r *http.Request) (catalog.Upload, error) {
	u, err := s.Uploads.Get(r.Context(), r.PathValue("upload_id"))
	if err != nil {
		return u, err
	}
	if u.Protocol != catalog.Append {
		return u, errs.E(errs.NotFound, "unknown-upload", "the upload %q does not go on this way", u.ID)
	}
	requestFrom(r.Context()).fileID = u.FileID
	if u.State == catalog.UploadComplete && u.FileID != "" {
		if _, err := s.Catalog.File(r.Context(), u.FileID); errs.Is(err, errs.NotFound) {
			return u, errs.E(errs.Gone, "file-gone", "the file of the upload was deleted").WithHint("send it again")
		} else if err != nil {
			return u, err
		}
	}
	return u, nil
}

// ended is the refusal of an upload that is neither open nor complete.
func ended(u *catalog.Upload) error {
	if u.State == catalog.UploadOpen || u.State == catalog.UploadComplete {
		return nil
	}
	return catalog.UploadEnded(u)
}

// adapt gives a refusal what clients of both protocols need to go on.
func adapt(w http.ResponseWriter, r *http.Request, p *api.Problem) {
	switch {
	case p.Status == http.StatusUnsupportedMediaType:
		w.Header().Set("Accept-Patch", acceptPatch)
	case p.Status == http.StatusServiceUnavailable && r.Method == http.MethodHead:
		// they take any other refusal of HEAD for the end of the upload, and start from zero
		p.Status, p.Title = http.StatusLocked, http.StatusText(http.StatusLocked)
	}
}

// standing gives the headers that tell where an upload stands.
func standing(h http.Header, u *catalog.Upload) {
	if ended(u) == nil {
		h.Set("Upload-Offset", strconv.FormatInt(u.Committed, 10))
	}
	if u.State == catalog.UploadOpen {
		h.Set("Upload-Expires", u.Expires.UTC().Format(http.TimeFormat))
	}
	if u.FileID != "" {
		h.Set("X-File-Id", u.FileID)
	}
}

// remove takes an upload back, whatever its state. Of one that is complete only
// the upload goes; its file stays, and has a DELETE of its own.
func (s *Server) remove(ctx context.Context, u *catalog.Upload) error {
	if u.State == catalog.UploadOpen {
		err := s.Uploads.Abort(ctx, u.ID, actor(ctx))
		if !errs.HasCode(err, "upload-complete") {
			return err
		}
	}
	if err := ended(u); err != nil {
		return err
	}
	return s.Catalog.ForgetUpload(ctx, u.ID)
}

// number reads a header that is a whole number without a sign.
func number(h http.Header, name string) (int64, bool, error) {
	v := h.Values(name)
	if len(v) == 0 {
		return 0, false, nil
	}
	n, err := whole(name, strings.Join(v, ", "), math.MaxInt64)
	return n, true, err
}

func whole(name, v string, most int64) (int64, error) {
	n, err := strconv.ParseUint(v, 10, 63)
	if err != nil || v[0] == '+' || int64(n) > most {
		return 0, errs.E(errs.Malformed, "bad-header", "the header %s must be a whole number from 0 to %d, not %q", name, most, v)
	}
	return int64(n), nil
}

// idOf is the id of the upload that an address names.
func idOf(address string) (string, error) {
	u, err := url.Parse(address)
	if err == nil {
		if id, ok := strings.CutPrefix(u.Path, tusPath); ok && id != "" && !strings.Contains(id, "/") {
			return id, nil
		}
	}
	return "", errs.E(errs.Malformed, "bad-concat", "%q is not the address of an upload here", address)
}

// appendBody hands a request's body to an upload. A refusal, too, is told with the
// upload as it stands: what refused the bytes may have ended it.
func (s *Server) appendBody(r *http.Request, id string, in upload.Appending) (upload.Appended, error) {
	in.Source, in.Length = newSource(r), r.ContentLength
	out, err := s.Uploads.Append(r.Context(), id, in)
	if out.Outcome != nil {
		s.metrics.upload(true, out.Outcome.File.Size)
	}
	if err != nil {
		if u, e := s.Uploads.Get(r.Context(), id); e == nil {
			out.Upload = u
		}
	}
	return out, err
}
