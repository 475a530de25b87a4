package api

import "time"

// Session tells a page whether it is signed in.
type Session struct {
	KeysExist bool              `json:"keys_exist" doc:"Once any was made, requests need a key or a session; before, those of this machine need none"`
	SignedIn  bool              `json:"signed_in" doc:"This request is of a session or has a key"`
	Actor     *string           `json:"actor" example:"key:4f1d2c3b5a69" doc:"As history tells it: local or key:ID; null: sign in"`
	KeyName   *string           `json:"key_name"`
	Roles     map[string]string `json:"roles" doc:"In each project; * is every project and the server itself"`
	Scopes    []string          `json:"scopes" doc:"What of its roles the key may; empty: all"`
	ExpiresAt *time.Time        `json:"expires_at" doc:"Of the session, unless it is used before; null: there is none"`
	Version   string            `json:"version"`
}

// SignIn begins a session.
type SignIn struct {
	Key string `json:"key" maxLength:"16000" example:"fsh_…" doc:"A key, or a token of the identity provider"`
}

// Key is an API key; the key itself is shown once, when it is made.
type Key struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Roles       map[string]string `json:"roles" doc:"In each project; * is every project and the server itself"`
	Scopes      []string          `json:"scopes" doc:"What of its roles it may; empty: all"`
	CreatedTime time.Time         `json:"created_time"`
	CreatedBy   string            `json:"created_by" doc:"Empty: by a command on the server"`
	ExpiresTime *time.Time        `json:"expires_time" doc:"null: never"`
	LastUsed    *time.Time        `json:"last_used" doc:"To the minute"`
	RevokedTime *time.Time        `json:"revoked_time" doc:"null: it works"`
	Current     bool              `json:"current" doc:"This request was made by it"`
}

// KeyList is all keys, newest first, the revoked ones too.
type KeyList struct {
	Keys []Key `json:"keys"`
}

// NewKey asks for a key.
type NewKey struct {
	Name        string            `json:"name" minLength:"1" maxLength:"200" doc:"Whose it is, for the list"`
	Roles       map[string]string `json:"roles,omitempty" doc:"viewer, uploader, curator or admin in each project; * is every project and the server itself. Left out: the caller's"`
	Scopes      []string          `json:"scopes,omitempty" doc:"Only these of what the roles allow: read, download, upload, use, curate, rules, admin"`
	ExpiresTime *time.Time        `json:"expires_time,omitempty" doc:"When it ends by itself"`
}

// KeyMade is a new key.
type KeyMade struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Key  string `json:"key" doc:"Not stored, and not shown again"`
}
