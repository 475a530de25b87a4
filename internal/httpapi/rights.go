package httpapi

import (
	"net/http"
	"path"
	"strings"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// takes is what a route takes of its caller.
type takes struct {
	right access.Right // empty: to be known is enough
	of    object
}

// object says in which project the right must be held.
type object uint8

const (
	anything object = iota // none: the route tells nothing of any project's
	project                // the one in which the caller asks
	owner                  // the one that owns the file or upload in the path, which facts tell: access.Permit
	named                  // the one that the path names
	server                 // everywhere: it is of all projects, or of the server itself
)

// rights is what every route takes. A route that is not here is refused to
// everybody: who adds one decides. docs/access.md shows the same table.
var rights = map[string]takes{
	"POST /data/efficient/upload-large-file":                 {access.Upload, project},
	"POST /data/efficient/uploads":                           {access.Upload, project},
	"GET /data/efficient/uploads/{upload_id}":                {access.Upload, owner},
	"PUT /data/efficient/uploads/{upload_id}/parts/{number}": {access.Upload, owner},
	"POST /data/efficient/uploads/{upload_id}/complete":      {access.Upload, owner},
	"DELETE /data/efficient/uploads/{upload_id}":             {access.Upload, owner},
	"OPTIONS /data/efficient/tus":                            {"", anything},
	"OPTIONS /data/efficient/tus/{$}":                        {"", anything},
	"POST /data/efficient/tus":                               {access.Upload, project},
	"POST /data/efficient/tus/{$}":                           {access.Upload, project},
	"PUT /data/efficient/tus":                                {access.Upload, project},
	"PUT /data/efficient/tus/{$}":                            {access.Upload, project},
	"OPTIONS /data/efficient/tus/{upload_id}":                {"", anything},
	"HEAD /data/efficient/tus/{upload_id}":                   {access.Upload, owner},
	"PATCH /data/efficient/tus/{upload_id}":                  {access.Upload, owner},
	"DELETE /data/efficient/tus/{upload_id}":                 {access.Upload, owner},
	"GET /data/efficient/tus/{upload_id}":                    {access.Download, owner},

	"GET /data/efficient/staged-files":                  {access.Read, project},
	"POST /data/efficient/named-files":                  {access.Read, project},
	"GET /data/efficient/activity":                      {access.Read, project},
	"GET /data/efficient/events":                        {access.Read, project},
	"GET /data/efficient/file-info/{file_id}":           {access.Read, owner},
	"GET /data/efficient/upload-progress/{file_id}":     {access.Read, owner},
	"GET /data/efficient/validation-report/{file_id}":   {access.Read, owner},
	"GET /data/efficient/validation-findings/{file_id}": {access.Read, owner},
	"GET /data/efficient/findings-map/{file_id}":        {access.Read, owner},
	"GET /data/efficient/record-overlap/{file_id}":      {access.Read, owner},
	"GET /data/efficient/history/{file_id}":             {access.Read, owner},

	"GET /data/efficient/download-file/{file_id}":    {access.Download, owner},
	"GET /data/efficient/records/{file_id}":          {access.Download, owner},
	"GET /data/efficient/rejected-records/{file_id}": {access.Download, owner},
	"GET /data/efficient/clean-records/{file_id}":    {access.Download, owner},
	"POST /data/efficient/rule-preview":              {access.Download, owner},

	"POST /data/efficient/mark-used/{file_id}":           {access.Use, owner},
	"POST /data/efficient/process-file/{file_id}":        {access.Curate, owner},
	"POST /data/efficient/retry-failed-file/{file_id}":   {access.Curate, owner},
	"POST /data/efficient/promote-file/{file_id}":        {access.Curate, owner},
	"POST /data/efficient/archive-file/{file_id}":        {access.Curate, owner},
	"POST /data/efficient/deprecate-file/{file_id}":      {access.Curate, owner},
	"DELETE /data/efficient/file/{file_id}":              {access.Curate, owner},
	"DELETE /data/efficient/cleanup-failed-uploads":      {access.Curate, project},
	"POST /data/efficient/hold-file/{file_id}":           {access.Admin, owner},
	"DELETE /data/efficient/hold-file/{file_id}":         {access.Admin, owner},
	"GET /data/efficient/deletion-certificate/{file_id}": {access.Read, owner},
	"POST /data/efficient/apply-retention":               {access.Admin, project},
	"POST /data/efficient/adopt":                         {access.Admin, server}, // it reads any object of the store

	"GET /data/efficient/audit-log": {access.Admin, project}, // all of it: everywhere

	"GET /data/efficient/rules":               {"", anything},
	"GET /data/efficient/rule-sets":           {access.Read, project},
	"GET /data/efficient/rule-sets/{name}":    {access.Read, project},
	"PUT /data/efficient/rule-sets/{name}":    {access.Rules, project},
	"DELETE /data/efficient/rule-sets/{name}": {access.Rules, project},

	"GET /data/efficient/projects":           {"", anything}, // those that the caller sees
	"GET /data/efficient/projects/{name}":    {access.Read, named},
	"PUT /data/efficient/projects/{name}":    {access.Admin, named}, // a new one, and limits: of the server
	"DELETE /data/efficient/projects/{name}": {access.Admin, server},
	"GET /data/efficient/keys":               {access.Admin, project},
	"POST /data/efficient/keys":              {access.Admin, project},
	"DELETE /data/efficient/keys/{id}":       {access.Admin, project},

	"GET /data/efficient/health":  {"", anything},
	"GET /data/efficient/limits":  {"", anything},
	"GET /data/efficient/metrics": {access.Read, project},
	"GET /metrics":                {access.Read, server},
	"GET /debug/pprof/":           {access.Admin, server}, // at the admin address
	"GET /debug/pprof/profile":    {access.Admin, server},
	"GET /debug/pprof/symbol":     {access.Admin, server},
	"GET /debug/pprof/trace":      {access.Admin, server},
	"GET /openapi.json":           {"", anything},
	"GET /docs":                   {"", anything},
	"GET /docs/":                  {"", anything},
}

// probes tell whether the server lives and works, and nothing else.
var probes = map[string]bool{"GET /livez": true, "GET /readyz": true}

// route is the key of a request in rights. A pattern without a method takes that
// of the request, or what a tus client says that it stands for.
func route(r *http.Request, pattern string) string {
	if strings.Contains(pattern, " ") {
		return pattern
	}
	method := r.Method
	if o := r.Header.Get("X-HTTP-Method-Override"); o != "" && method == http.MethodPost {
		method = strings.ToUpper(o)
	}
	return method + " " + pattern
}

// permit says in which project a caller asks and what the route takes, and
// refuses it where that is told by the request alone.
func (s *Server) permit(r *http.Request, c *access.Caller, pattern string) error {
	if pattern == "" || s.console.routes[pattern] || sessionRoutes[pattern] || probes[pattern] {
		return nil // there is nothing, or it is for everybody
	}
	asked := projectOf(r)
	c.Project = asked
	if asked == "" {
		c.Project = c.Grants.Home()
	}
	if asked != "" && !c.Sees(asked) {
		return errs.E(errs.NotFound, "unknown-project", "there is no project %q", asked).WithHint("GET /data/efficient/projects lists those that you see")
	}
	t, ok := rights[route(r, pattern)]
	if !ok && !strings.Contains(pattern, " ") {
		return nil // a method that the handler refuses
	}
	if !ok {
		return errs.E(errs.Forbidden, "not-allowed", "nobody may do this")
	}
	c.Need = t.right
	if t.of == named {
		if c.Project = path.Base(r.URL.Path); !c.Sees(c.Project) {
			return errs.E(errs.NotFound, "unknown-project", "there is no project %q", c.Project).WithHint("GET /data/efficient/projects lists those that you see")
		}
	}
	switch {
	case (t.of == project || t.of == named) && !c.May(c.Project, t.right):
		return access.Forbid(c.Project, t.right)
	case t.of == server && !c.May(access.Everywhere, t.right):
		return access.Forbid(access.Everywhere, t.right)
	case t.of == owner && !c.MaySomewhere(t.right):
		return access.Forbid(c.Project, t.right)
	}
	return nil
}

// projectOf is the project that a request names: by a header, or by its query
// where a browser sets no headers.
func projectOf(r *http.Request) string {
	if p := r.Header.Get("X-Project"); p != "" {
		return p
	}
	if r.URL.RawQuery == "" {
		return ""
	}
	return r.URL.Query().Get("project")
}
