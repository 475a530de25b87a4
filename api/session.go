package api

import "time"

// Session tells a page whether it is signed in.
type Session struct {
	KeysExist bool       `json:"keys_exist" doc:"Once any was made, requests need a key or a session; before, those of this machine need none"`
	SignedIn  bool       `json:"signed_in" doc:"This request is of a session or has a key"`
	Actor     *string    `json:"actor" example:"key:4f1d2c3b5a69" doc:"As history tells it: local or key:ID; null: sign in"`
	KeyName   *string    `json:"key_name"`
	ExpiresAt *time.Time `json:"expires_at" doc:"Of the session, unless it is used before; null: there is none"`
	Version   string     `json:"version"`
}

// SignIn begins a session.
type SignIn struct {
	Key string `json:"key" maxLength:"1000" example:"fsh_…"`
}

// Key is an API key; the key itself is shown once, when it is made.
type Key struct {
	ID          string     `json:"id"`
	Name        string     `json:"name"`
	CreatedTime time.Time  `json:"created_time"`
	LastUsed    *time.Time `json:"last_used" doc:"To the minute"`
	RevokedTime *time.Time `json:"revoked_time" doc:"null: it works"`
	Current     bool       `json:"current" doc:"This request was made by it"`
}

// KeyList is all keys, newest first, the revoked ones too.
type KeyList struct {
	Keys []Key `json:"keys"`
}

// NewKey asks for a key.
type NewKey struct {
	Name string `json:"name" minLength:"1" maxLength:"200" doc:"Whose it is, for the list"`
}

// KeyMade is a new key.
type KeyMade struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Key  string `json:"key" doc:"Not stored, and not shown again"`
}
