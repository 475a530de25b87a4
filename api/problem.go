package api

import (
	"encoding/json"
	"time"
)

// Problem is an error as clients get it, application/problem+json (RFC 9457).
type Problem struct {
	Type      string `json:"type" example:"about:blank"`
	Title     string `json:"title" doc:"The status in words"`
	Status    int    `json:"status"`
	Detail    string `json:"detail" doc:"A sentence that a person can act on"`
	Instance  string `json:"instance" doc:"The path that was asked for"`
	Code      string `json:"code" doc:"Stable, for programs" example:"unknown-file"`
	Hint      string `json:"hint,omitempty" doc:"What to do next"`
	RequestID string `json:"request_id" doc:"Also in the server's log"`
	// Of uploads whose bytes must come in order.
	ExpectedOffset *int64 `json:"expected-offset,omitempty" doc:"Where the upload stands"`
	ProvidedOffset *int64 `json:"provided-offset,omitempty" doc:"Where the request would have gone on"`

	RetryAfter time.Duration `json:"-"` // what the header of that name says

	Findings json.RawMessage `json:"findings,omitempty" doc:"What the checks found, where they ended the upload"`
}

// Error makes a problem an error.
func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is the media type that a problem is sent as.
func (p *Problem) ContentType(string) string { return "application/problem+json" }
