// Package errs is how Freshet says that something did not work: a kind that
// programs act on, a stable code that clients may compare, a sentence that a
// person can act on, a hint of what to do next, and the cause for the log.
//
// The edges (HTTP, command line) map kinds to a status or an exit code in one
// table each. Causes are logged, never shown.
package errs

import (
	"errors"
	"fmt"
	"time"
)

// Kind is the class of an error: what a program does about it.
type Kind uint8

// Kinds, with the HTTP status that the edge gives them.
const (
	Internal       Kind = iota // 500: ours; the sentence is not shown
	Malformed                  // 400: the request cannot be read
	Unauthorized               // 401: no key, or one that is not known
	Forbidden                  // 403: known, but may not
	NotFound                   // 404
	BadMethod                  // 405
	Conflict                   // 409: the state does not allow it
	Timeout                    // 408: the client stalled
	Gone                       // 410: it was there
	LengthRequired             // 411
	Unsupported                // 412: another version of the protocol, or what the request makes a condition is not so
	TooLarge                   // 413
	BadMedia                   // 415
	BadRange                   // 416
	Invalid                    // 422: readable, and wrong
	TooMany                    // 429: of one caller; try again
	HeaderTooBig               // 431
	Unavailable                // 503: passing; try again
	NoSpace                    // 507
)

// Error is an error that may be shown to a client.
type Error struct {
	Kind   Kind
	Code   string // stable, kebab-case: "empty-file"
	Detail string // one sentence, no full stop needed, never a path of the server's disk
	Hint   string // what to do next, or empty
	// RetryAfter is how long a client should wait before it tries again; 0 = not said.
	RetryAfter time.Duration
	Cause      error
}

// E makes an error of a kind with a code and a sentence.
func E(kind Kind, code, format string, args ...any) *Error {
	return &Error{Kind: kind, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// WithHint adds what to do next.
func (e *Error) WithHint(format string, args ...any) *Error {
	e.Hint = fmt.Sprintf(format, args...)
	return e
}

// Because adds the cause, which is logged and not shown.
func (e *Error) Because(cause error) *Error {
	e.Cause = cause
	return e
}

// After says when trying again makes sense.
func (e *Error) After(d time.Duration) *Error {
	e.RetryAfter = d
	return e
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Detail + ": " + e.Cause.Error()
	}
	return e.Detail
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf is the kind of the outermost Error in the chain, Internal when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of that kind.
func Is(err error, kind Kind) bool { return err != nil && KindOf(err) == kind }

// HasCode reports whether the outermost Error in the chain carries the code.
func HasCode(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}
