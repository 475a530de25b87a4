package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"freshet/api"
)

// Projects lists the projects that the key has a role in.
func (c *Client) Projects(ctx context.Context) (api.ProjectList, error) {
	return get[api.ProjectList](ctx, c, "/projects", nil)
}

// ProjectNamed is one of them.
func (c *Client) ProjectNamed(ctx context.Context, name string) (api.Project, error) {
	return get[api.Project](ctx, c, "/projects/"+url.PathEscape(name), nil)
}

// PutProject makes a project, or gives one other settings: those that are left out
// are as by default.
func (c *Client) PutProject(ctx context.Context, name string, settings api.ProjectSettings) (api.Project, error) {
	var out api.Project
	b, err := json.Marshal(settings)
	if err != nil {
		return out, err
	}
	return out, c.call(ctx, http.MethodPut, "/projects/"+url.PathEscape(name), nil, b, &out)
}

// DeleteProject ends a project that owns nothing.
func (c *Client) DeleteProject(ctx context.Context, name string) error {
	resp, err := c.do(ctx, http.MethodDelete, "/projects/"+url.PathEscape(name), nil, nil, nil, -1)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// ApplyRetention deletes what the rules of the client's project do not keep any
// longer; with dry it only tells.
func (c *Client) ApplyRetention(ctx context.Context, dry bool) (api.Retained, error) {
	var out api.Retained
	q := url.Values{}
	if dry {
		q.Set("dry_run", "true")
	}
	return out, c.call(ctx, http.MethodPost, "/apply-retention", q, nil, &out)
}

// Hold keeps a file from being deleted until it is released.
func (c *Client) Hold(ctx context.Context, fileID, reason string) (api.File, error) {
	var out api.File
	b, err := json.Marshal(api.Hold{Reason: reason})
	if err != nil {
		return out, err
	}
	return out, c.call(ctx, http.MethodPost, "/hold-file/"+url.PathEscape(fileID), nil, b, &out)
}

// Release ends a hold.
func (c *Client) Release(ctx context.Context, fileID string) (api.File, error) {
	var out api.File
	return out, c.call(ctx, http.MethodDelete, "/hold-file/"+url.PathEscape(fileID), nil, nil, &out)
}
