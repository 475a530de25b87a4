package httpapi

import (
	"context"
	"net/http"

	"freshet/api"
	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
	"freshet/internal/rule"

	"github.com/danielgtaylor/huma/v2"
)

// ProjectParam is the path parameter of a project's routes.
type ProjectParam struct {
	Name string `path:"name" maxLength:"64"`
}

type projectPut struct {
	ProjectParam
	IfNoneMatch string `header:"If-None-Match" doc:"*: only make a project, never change one that is there"`
	Body        api.ProjectSettings
}

type projectOutput struct {
	Status int
	Body   api.Project
}

// projectRoutes list, make, set and end projects.
func (s *Server) projectRoutes() {
	tag := []string{"projects"}
	handle(s, huma.Operation{OperationID: "projects", Method: http.MethodGet, Path: "/projects", Summary: "List the projects that the caller has a role in", Tags: tag}, s.listProjects)
	handle(s, huma.Operation{OperationID: "project", Method: http.MethodGet, Path: "/projects/{name}", Summary: "A project: its limits, and what of them is used", Tags: tag, Errors: []int{404}},
		func(ctx context.Context, in *ProjectParam) (*body[api.Project], error) {
			p, err := s.Catalog.Project(ctx, in.Name)
			if err != nil {
				return nil, err
			}
			out, err := s.project(ctx, &p)
			return &body[api.Project]{out}, err
		})
	handle(s, huma.Operation{OperationID: "put-project", Method: http.MethodPut, Path: "/projects/{name}", Summary: "Make a project, or give one other settings",
		Description: "What is left out is as by default: no limit. Files that are there already stay, whatever the limits.", Tags: tag, Errors: []int{403, 409, 412}}, s.putProject)
	handle(s, huma.Operation{OperationID: "delete-project", Method: http.MethodDelete, Path: "/projects/{name}", Summary: "End a project that owns nothing", DefaultStatus: http.StatusNoContent, Tags: tag, Errors: []int{403, 404, 409}},
		func(ctx context.Context, in *ProjectParam) (*struct{}, error) {
			return nil, s.Catalog.DeleteProject(ctx, in.Name)
		})
}

func (s *Server) listProjects(ctx context.Context, _ *struct{}) (*body[api.ProjectList], error) {
	all, err := s.Catalog.Projects(ctx)
	if err != nil {
		return nil, err
	}
	out := api.ProjectList{Projects: []api.Project{}}
	for i := range all {
		if !access.From(ctx).Sees(all[i].Name) {
			continue
		}
		p, err := s.project(ctx, &all[i])
		if err != nil {
			return nil, err
		}
		out.Projects = append(out.Projects, p)
	}
	return &body[api.ProjectList]{out}, nil
}

// project is one as the caller sees it.
func (s *Server) project(ctx context.Context, p *catalog.Project) (api.Project, error) {
	used, err := s.Catalog.Usage(ctx, p.Name)
	out := api.Project{Name: p.Name, Role: string(access.From(ctx).Grants.Role(p.Name)), CreatedTime: timeOrNull(p.Created), Files: used.Files, Bytes: used.Bytes, OpenUploads: used.Open}
	out.ProjectSettings = settingsOf(&p.Settings)
	return out, err
}

func (s *Server) putProject(ctx context.Context, in *projectPut) (*projectOutput, error) {
	settings, err := settingsFrom(&in.Body)
	if err != nil {
		return nil, err
	}
	p, made, err := s.Catalog.PutProject(ctx, in.Name, settings, actor(ctx), func(was *catalog.Project) error {
		if was != nil && in.IfNoneMatch == "*" {
			return errs.E(errs.Unsupported, "project-exists", "there is a project %q already", in.Name).WithHint("choose another name")
		}
		if was != nil && was.Settings.SameLimits(&settings) || access.From(ctx).May(access.Everywhere, access.Admin) {
			return nil
		}
		return access.Forbid(access.Everywhere, access.Admin) // who is bounded does not say by how much
	})
	if err != nil {
		return nil, err
	}
	out := &projectOutput{Status: http.StatusOK}
	if made {
		out.Status = http.StatusCreated
	}
	out.Body, err = s.project(ctx, &p)
	return out, err
}

func settingsOf(p *catalog.ProjectSettings) api.ProjectSettings {
	out := api.ProjectSettings{MaxFiles: p.MaxFiles, MaxBytes: p.MaxBytes, MaxOpenUploads: p.MaxOpenUploads, ContentPolicy: p.ContentPolicy}
	for _, r := range p.Retention {
		out.Retention = append(out.Retention, api.Retention{Status: string(r.Status), DataType: r.DataType, KeepDays: r.KeepDays, KeepLast: r.KeepLast})
	}
	return out
}

func settingsFrom(in *api.ProjectSettings) (catalog.ProjectSettings, error) {
	out := catalog.ProjectSettings{MaxFiles: in.MaxFiles, MaxBytes: in.MaxBytes, MaxOpenUploads: in.MaxOpenUploads, ContentPolicy: in.ContentPolicy}
	var entries []string
	for name, action := range in.ContentPolicy {
		entries = append(entries, name+"="+action)
	}
	if _, err := rule.ParsePolicy(entries); err != nil {
		return out, err
	}
	out.Retention = retentionFrom(in.Retention)
	return out, nil
}

func retentionFrom(in []api.Retention) (out []catalog.Retention) {
	for _, r := range in {
		out = append(out, catalog.Retention{Status: catalog.Status(r.Status), DataType: r.DataType, KeepDays: r.KeepDays, KeepLast: r.KeepLast})
	}
	return out
}
