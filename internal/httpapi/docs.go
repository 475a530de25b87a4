package httpapi

import (
	"embed"
	"io/fs"
	"net/http"
	"reflect"

	"freshet/api"

	"github.com/danielgtaylor/huma/v2"
)

// swagger-ui-dist 5.35.0 (Apache-2.0): the reader of the OpenAPI document, which
// works without a network.
//
//go:embed docs
var docs embed.FS

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// document is the frame of the OpenAPI document.
func (s *Server) document() huma.Config {
	huma.NewErrorWithContext = newHumaError
	huma.NewError = func(status int, msg string, faults ...error) huma.StatusError {
		return newHumaError(nil, status, msg, faults...)
	}
	c := huma.DefaultConfig("Freshet", s.Settings.Version)
	c.Info.Description = "The way large training-data files get into storage and become safe to train on."
	c.Info.License = &huma.License{Name: "Apache-2.0", Identifier: "Apache-2.0"}
	c.OpenAPIPath = "/openapi"
	c.DocsPath, c.SchemasPath = "", ""
	c.CreateHooks = nil // no $schema member in answers
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key":     {Type: "http", Scheme: "bearer", Description: "A key of freshet keys create; needed once any key exists"},
		"session": {Type: "apiKey", In: "cookie", Name: cookieName(false), Description: "What signing in sets; by TLS it is named " + cookieName(true)}}
	c.Security = []map[string][]string{{"key": {}}, {"session": {}}, {}}
	return c
}

// byteRoutes are plain handlers; the document describes them by hand.
func (s *Server) byteRoutes(mux *http.ServeMux) {
	mux.HandleFunc("POST "+Prefix+"/upload-large-file", s.uploadForm)
	mux.HandleFunc("POST "+Prefix+"/adopt", s.adopt)
	mux.HandleFunc("POST "+Prefix+"/uploads", s.createUpload)
	mux.HandleFunc("PUT "+Prefix+"/uploads/{upload_id}/parts/{number}", s.putPart)
	s.resumableRoutes(mux)
	mux.HandleFunc("GET "+Prefix+"/download-file/{file_id}", s.download)
	mux.HandleFunc("GET "+Prefix+"/validation-findings/{file_id}", s.findings)
	mux.HandleFunc("GET "+Prefix+"/rejected-records/{file_id}", s.rejected)
	mux.HandleFunc("GET "+Prefix+"/clean-records/{file_id}", s.clean)
	mux.HandleFunc("GET "+Prefix+"/events", s.eventStream)
	mux.HandleFunc("GET "+Prefix+"/audit-log", s.auditLog)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "alive"})
	})
	mux.HandleFunc("GET /readyz", s.ready)
	if !s.Settings.MetricsApart {
		mux.Handle("GET /metrics", s.metrics.handler())
	}

	s.describeUploads()
	doc := s.api.OpenAPI()
	schemas := doc.Components.Schemas
	ref := func(t reflect.Type, name string) *huma.Schema { return schemas.Schema(t, true, name) }
	problem := map[string]*huma.MediaType{"application/problem+json": {Schema: ref(typeOf[api.Problem](), "Problem")}}
	responses := func(ok *huma.Response, statuses ...string) map[string]*huma.Response {
		m := map[string]*huma.Response{"200": ok}
		for _, st := range statuses {
			m[st] = &huma.Response{Description: "A problem", Content: problem}
		}
		return m
	}
	text := func(desc string) *huma.Schema { return &huma.Schema{Type: huma.TypeString, Description: desc} }
	id := &huma.Param{Name: "file_id", In: "path", Required: true, Schema: text("")}
	add := func(path, method, opID, tag, summary, description string, params []*huma.Param, reqBody *huma.RequestBody, resp map[string]*huma.Response) {
		doc.AddOperation(&huma.Operation{OperationID: opID, Method: method, Path: path, Tags: []string{tag}, Summary: summary, Description: description, Parameters: params, RequestBody: reqBody, Responses: resp})
	}
	bytesOf := func(types ...string) map[string]*huma.MediaType {
		m := map[string]*huma.MediaType{}
		for _, t := range types {
			m[t] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
		}
		return m
	}
	add(Prefix+"/upload-large-file", http.MethodPost, "upload-large-file", "files", "Send a file as a form",
		"Any size; the file is checked while it arrives. Fields may come before or after the file.",
		[]*huma.Param{{Name: "X-File-Id", In: "header", Description: "An id that the client chose: file_ and 32 hexadecimal digits", Schema: text("")},
			{Name: "Repr-Digest", In: "header", Description: "sha-256=:BASE64: of the file, compared with what arrived", Schema: text("")}},
		&huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"file"}, Properties: map[string]*huma.Schema{
			"file":             {Type: huma.TypeString, Format: "binary", Description: "The file; exactly one"},
			"data_type":        text("sample, red_team, combined, custom (default), model_specific, or another word"),
			"description":      text(""),
			"metadata":         text("A JSON object"),
			"validation_rules": text("Rules as JSON, see the schema Rules"),
			"rule_set":         text("A rule set, NAME or NAME@VERSION; validation_rules override its keys"),
			"file_id":          text("As X-File-Id; before the file"),
			"sha256":           text("Of the file, in hexadecimal: compared with what arrived"),
		}}}}},
		responses(&huma.Response{Description: "The file arrived; verdict tells of the data", Content: map[string]*huma.MediaType{"application/json": {Schema: ref(typeOf[api.Uploaded](), "Uploaded")}}},
			"400", "408", "409", "413", "422", "503", "507"))
	add(Prefix+"/adopt", http.MethodPost, "adopt", "actions", "Take objects that lie in the store into the catalog", "Each is read once, hashed and checked like an upload, then moved into staging. One line for each as it is done.",
		nil, &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: ref(typeOf[api.Adopt](), "Adopt")}}},
		responses(&huma.Response{Description: "One object a line", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: ref(typeOf[api.Adopted](), "Adopted")}}}, "400", "422"))
	add(Prefix+"/download-file/{file_id}", http.MethodGet, "download-file", "files", "A file's bytes", "Range, If-Range, If-None-Match and HEAD work.", []*huma.Param{id}, nil,
		responses(&huma.Response{Description: "The bytes", Content: bytesOf("application/octet-stream")}, "403", "404", "409", "416"))
	add(Prefix+"/validation-findings/{file_id}", http.MethodGet, "validation-findings", "files", "Every finding, streamed", "",
		[]*huma.Param{id, {Name: "rule", In: "query", Description: "Only those of a rule", Schema: text("")}, {Name: "severity", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"error", "warning"}}},
			{Name: "limit", In: "query", Description: "Only the first so many", Schema: &huma.Schema{Type: huma.TypeInteger}}, {Name: "format", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"ndjson", "csv"}}}}, nil,
		responses(&huma.Response{Description: "One finding a line", Content: map[string]*huma.MediaType{"application/x-ndjson": {Schema: ref(typeOf[api.Finding](), "Finding")}, "text/csv": {Schema: text("")}}}, "404", "422"))
	for which, summary := range map[string]string{"rejected": "The bad records of a file, as they are", "clean": "All of a file but its bad records"} {
		add(Prefix+"/"+which+"-records/{file_id}", http.MethodGet, which+"-records", "files", summary,
			"A record is bad if it has an error. Bytes and order are the file's; both sides of CSV begin with its header, a byte order mark stays with the clean one. The file is read through first, then streamed; X-Record-Count tells how many records follow. HEAD works.",
			[]*huma.Param{id}, nil, responses(&huma.Response{Description: "The records", Content: bytesOf("application/jsonl", "text/csv", "text/tab-separated-values", "text/plain"),
				Headers: map[string]*huma.Header{"X-Record-Count": {Description: "Records that follow, the header of CSV not among them", Schema: &huma.Schema{Type: huma.TypeInteger}}}}, "403", "404", "409"))
	}
	add(Prefix+"/events", http.MethodGet, "events", "files", "Server-sent events of all files",
		"First a snapshot {files, by_status}, then file {event, file} for each step, and progress for uploads and checks under way. Steps have ids: Last-Event-ID resumes.",
		[]*huma.Param{{Name: "Last-Event-ID", In: "header", Schema: text("")}}, nil,
		responses(&huma.Response{Description: "The stream", Content: map[string]*huma.MediaType{"text/event-stream": {Schema: text("")}}}, "422"))
	filter := func(name, desc string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: desc, Schema: text("")}
	}
	add(Prefix+"/audit-log", http.MethodGet, "audit-log", "server", "Who did what, when, from where, and what came of it",
		"The newest first, a page at a time; format=ndjson gives all, the oldest first. For administrators: of the server all rows, or with project= those of one; of a project its own.",
		[]*huma.Param{filter("actor", "Only what this one did: key:ID, oidc:SUBJECT, command:USER, local, anonymous, system"), filter("action", "Only this, such as download or refused"), filter("object", "Only what was done to this: an id, a name, a route"),
			filter("result", "ok, or the code of a refusal"), filter("project", "Only what is of this project"), filter("since", "From this time on, such as 2026-11-28T09:30:00Z"), filter("until", "Before this time"),
			{Name: "limit", In: "query", Description: "Rows of a page, from 1 to 1000, by default 100; of ndjson all", Schema: &huma.Schema{Type: huma.TypeInteger}},
			filter("cursor", "next_cursor of the page before; with ndjson the number of the last row that is there already"),
			{Name: "format", In: "query", Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"json", "ndjson"}}}}, nil,
		responses(&huma.Response{Description: "The rows", Content: map[string]*huma.MediaType{"application/json": {Schema: ref(typeOf[api.AuditLog](), "AuditLog")}, "application/x-ndjson": {Schema: ref(typeOf[api.AuditRow](), "AuditRow")}}}, "401", "403", "422"))
	state := &huma.Response{Description: "Yes", Content: map[string]*huma.MediaType{"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"status": text("")}}}}}
	add("/livez", http.MethodGet, "livez", "server", "The process lives", "", nil, nil, responses(state))
	add("/readyz", http.MethodGet, "readyz", "server", "The server takes work", "", nil, nil, responses(state, "503"))
	if s.Settings.MetricsApart {
		return
	}
	add("/metrics", http.MethodGet, "prometheus", "server", "Metrics for Prometheus", "", nil, nil, responses(&huma.Response{Description: "Text format", Content: map[string]*huma.MediaType{"text/plain": {Schema: text("")}}}))
}

// docsPolicy lets the reader of the document load and ask this server alone.
// It sets styles on elements by script, never by an attribute in HTML.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// docRoutes serve the pages that explain the API.
func (s *Server) docRoutes(mux *http.ServeMux) {
	files, err := fs.Sub(docs, "docs")
	if err != nil {
		panic(err) // the directory is embedded
	}
	pages := http.FileServerFS(files)
	mux.Handle("GET /docs/", http.StripPrefix("/docs/", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		pages.ServeHTTP(s.problems(w, r, nil), r)
	})))
	mux.Handle("GET /docs", http.RedirectHandler("/docs/", http.StatusMovedPermanently))
}
