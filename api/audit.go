package api

import "time"

// AuditRow is something that was done or refused.
type AuditRow struct {
	Number    int64     `json:"number" doc:"From 1, without gaps, in the order in which things took effect"`
	At        time.Time `json:"at"`
	Actor     string    `json:"actor" doc:"key:ID, oidc:SUBJECT, command:USER, local, anonymous, system"`
	Source    string    `json:"source" doc:"Address that it came from; empty for what the server did by itself"`
	RequestID string    `json:"request_id" doc:"As X-Request-Id of the answer"`
	Project   string    `json:"project" doc:"*: several, or the server itself"`
	Action    string    `json:"action"`
	Object    string    `json:"object" doc:"What it was done to: an id, a name, a route"`
	Result    string    `json:"result" doc:"ok, or the code of the refusal"`
	Detail    string    `json:"detail"`
	Hash      string    `json:"hash" doc:"SHA-256, in hexadecimal, of the hash of the row before and of all of this one"`
}

// AuditLog is a page of the audit log, the newest rows first.
type AuditLog struct {
	Rows       []AuditRow `json:"rows"`
	NextCursor *string    `json:"next_cursor"`
	Verifier   string     `json:"verifier" doc:"Public key that heads are checked with, as freshet audit verify --key takes it"`
	Head       *AuditHead `json:"head" doc:"The last that was signed; null before the first"`
}

// AuditHead is the signed head of the audit log's tree.
type AuditHead struct {
	Size int64     `json:"size" doc:"Rows that it covers"`
	At   time.Time `json:"at"`
	Note string    `json:"note" doc:"As it was signed; freshet audit verify --checkpoint takes it as a file"`
}
