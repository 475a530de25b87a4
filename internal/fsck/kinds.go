package fsck

import "slices"

// Kind names what is wrong.
type Kind string

// Kinds of problems.
const (
	MissingObject   Kind = "missing-object"
	WrongPlace      Kind = "wrong-place"
	WrongSize       Kind = "wrong-size"
	DamagedObject   Kind = "damaged-object"
	UnfinishedMove  Kind = "unfinished-move"
	MissingFindings Kind = "missing-findings"
	LostUpload      Kind = "lost-upload"
	MissingSummary  Kind = "missing-summary"
	OrphanObject    Kind = "orphan-object"
	UnknownObject   Kind = "unknown-object"
	LeftBehind      Kind = "left-behind"
	OrphanHandle    Kind = "orphan-handle"
	WrongCounter    Kind = "wrong-counter"
	StrayRows       Kind = "stray-rows"
	BadRow          Kind = "bad-row"
	BadReport       Kind = "bad-report"
	AuditChanged    Kind = "audit-changed"
)

// Meaning is what there is to know of a kind.
type Meaning struct {
	Kind   Kind
	Means  string
	Repair string // what --repair does; empty: nothing
	Advice string // what a person can do where that is nothing, or was refused
}

// Kinds lists them all; docs/fsck.md has the same table.
var Kinds = []Meaning{
	{MissingObject, "a file's bytes are at none of its places", "marks it as failed (system), so that nobody trains on it", "put the object back from a backup before a repair, or send the file again"},
	{WrongPlace, "a file's bytes are at another of its places than the catalog says, or at one where a file of its status does not lie", "states where they are and moves them to where they belong", "look at both keys"},
	{WrongSize, "a file's object has another size than the file", "marks it as failed (system) and moves the object out of fresh/", "put the object back from a backup before a repair, or send the file again"},
	{DamagedObject, "a file's bytes have another hash than those that were received", "marks it as failed (system) and moves the object out of fresh/", "put the object back from a backup before a repair, or send the file again"},
	{UnfinishedMove, "a move was begun over an hour ago and is not done", "finishes it", "see why the store refuses it"},
	{MissingFindings, "the full list of a report's findings is gone", "has the report tell its first 1,000 only", "freshet process FILE_ID makes the list anew"},
	{LostUpload, "an open upload has neither a place in the store nor an object", "ends it as failed (upload), so that its client begins again", "send it again"},
	{MissingSummary, "what the checks found in a part of an open upload is gone", "has the part checked again when all are here", "nothing: the part is checked again when all are here"},
	{OrphanObject, "an object that no file speaks of, where files are staged or among the results of checks", "deletes it", "look at it"},
	{UnknownObject, "an object that no file speaks of, elsewhere under training-data/; it is never deleted", "", "freshet adopt KEY takes it into the catalog"},
	{LeftBehind, "a second copy of a file whose own object is elsewhere", "compares both with the file's hash and deletes the copy", "look at both keys"},
	{OrphanHandle, "a place for an upload in the store that no open upload speaks of", "gives its space back", "look at it"},
	{WrongCounter, "a counter of files and bytes by status and type is not what the rows come to", "counts anew", "count anew with --repair"},
	{StrayRows, "rows that belong to a file or an open upload that is not there", "deletes them", "look at them"},
	{BadRow, "the facts of a file or upload contradict each other", "", "freshet process FILE_ID, or delete the file and send it again"},
	{BadReport, "a file's report is missing, cannot be read, or tells of another verdict than the file's row", "", "freshet process FILE_ID makes it anew"},
	{AuditChanged, "a row of the audit log was altered, inserted, moved or removed", "", "freshet audit verify holds the log against its signed heads; keep the catalog as it is"},
}

func meaning(k Kind) Meaning {
	return Kinds[slices.IndexFunc(Kinds, func(m Meaning) bool { return m.Kind == k })]
}
