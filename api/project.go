package api

import "time"

// ProjectSettings are the limits of a project.
type ProjectSettings struct {
	MaxFiles       int64 `json:"max_files,omitempty" minimum:"0" doc:"Files that it may own, failed uploads not counted; 0: no limit"`
	MaxBytes       int64 `json:"max_bytes,omitempty" minimum:"0" doc:"Of all these, with what is on its way; 0: no limit"`
	MaxOpenUploads int64 `json:"max_open_uploads,omitempty" minimum:"0" doc:"Uploads under way at once; 0: no limit but the server's"`
}

// Project owns files, uploads and rule sets.
type Project struct {
	Name        string     `json:"name"`
	Role        string     `json:"role" enum:"viewer,uploader,curator,admin" doc:"The caller's"`
	CreatedTime *time.Time `json:"created_time" doc:"null for the default one, which is always there"`
	Files       int64      `json:"files"`
	Bytes       int64      `json:"bytes" doc:"Of its files, with what uploads under way have reserved"`
	OpenUploads int64      `json:"open_uploads"`
	ProjectSettings
}

// ProjectList is the projects that the caller has a role in.
type ProjectList struct {
	Projects []Project `json:"projects"`
}
