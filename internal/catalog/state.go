package catalog

import (
	"slices"
	"time"

	"freshet/internal/errs"
)

// Status is where in its life a file is.
type Status string

// Statuses.
const (
	Uploading  Status = "uploading"
	Uploaded   Status = "uploaded"
	Processing Status = "processing"
	Fresh      Status = "fresh"
	Failed     Status = "failed"
	Used       Status = "used"
	Archived   Status = "archived"
	Deprecated Status = "deprecated"
	// Quarantined is a file in which something was found: nobody reads it.
	Quarantined Status = "quarantined"
	Deleted     Status = "" // not a row: where a file goes to when it is deleted
)

// Statuses lists those that a file can have.
var Statuses = []Status{Uploading, Uploaded, Processing, Fresh, Failed, Used, Archived, Deprecated, Quarantined}

// ParseStatus refuses what is not a status.
func ParseStatus(s string) (Status, error) {
	if slices.Contains(Statuses, Status(s)) {
		return Status(s), nil
	}
	return "", errs.E(errs.Invalid, "unknown-status", "%q is not a status", s).WithHint("statuses are %v", Statuses)
}

// steps is the picture of states: from where a file may go where. A status to
// itself means that facts may change while it lasts.
var steps = map[Status][]Status{
	Uploading:   {Uploading, Uploaded, Failed},
	Uploaded:    {Uploaded, Processing, Failed, Quarantined, Deleted},
	Processing:  {Processing, Uploaded, Fresh, Failed, Quarantined},
	Fresh:       {Fresh, Used, Archived, Deprecated, Failed, Quarantined, Deleted},
	Used:        {Used, Archived, Deprecated, Failed, Quarantined, Deleted},
	Quarantined: {Quarantined, Processing, Deleted},
	Failed:      {Failed, Processing, Deleted},
	Archived:    {Archived, Deprecated, Deleted},
	Deprecated:  {Deprecated, Deleted},
}

// Step is one move of a file. It happens as a compare-and-set, in one
// transaction with its history row and its job.
type Step struct {
	From   []Status // from which it is allowed; a file in another is a Conflict
	To     Status
	Action string // for the history: what was done
	Actor  string // and who did it
	Detail string
	// Change sets other facts. It may refuse.
	Change func(*File) error
	Job    *Job
	Report *Report // replaces the stored one
	Parts  []Part  // of a file whose bytes are all here
	// Upload is how the file's upload ends where it does; empty: complete or failed, as To says.
	Upload UploadState
	// Since, unless zero, refuses to end an upload that bytes came for after it.
	Since time.Time
	// Whole, unless nil, refuses to complete an upload of which another number of bytes is committed.
	Whole *int64
}

func (s *Step) endsUploadAs() UploadState {
	switch {
	case s.Upload != "":
		return s.Upload
	case s.To == Uploaded:
		return UploadComplete
	}
	return UploadFailed
}

func (s *Step) allows(f *File) error {
	if !slices.Contains(s.From, f.Status) {
		return errs.E(errs.Conflict, "wrong-state", "the file is %s; it can only become %s from %v", f.Status, orDeleted(s.To), s.From)
	}
	if !slices.Contains(steps[f.Status], s.To) {
		return errs.E(errs.Conflict, "wrong-state", "a file that is %s cannot become %s", f.Status, orDeleted(s.To))
	}
	return nil
}

func orDeleted(s Status) Status {
	if s == Deleted {
		return "deleted"
	}
	return s
}

// contentStatuses are those in which a file counts as holding its content.
var contentStatuses = []Status{Uploaded, Processing, Fresh, Used, Archived}

// HoldsContent tells whether a file in that status makes the same content a duplicate.
func HoldsContent(s Status) bool { return slices.Contains(contentStatuses, s) }

// reached is the progress that a file has at least in each status: 100 is for
// a file that is fresh.
var reached = map[Status]float64{Uploaded: 95, Processing: 95, Quarantined: 95, Fresh: 100}
