package upload_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"freshet/api"
	"freshet/internal/catalog"
	"freshet/internal/promote"
)

// many is text with so many lines that their duplicates are counted later: three.
func many() string {
	var b strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String() + "line 7\nline 7\nline 299999" // no newline: the last record is there only at the end
}

func (h *house) report(id string) (r api.Report, stored catalog.Report) {
	h.t.Helper()
	stored, err := h.catalog.Report(h.t.Context(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := json.Unmarshal(stored.JSON, &r); err != nil {
		h.t.Fatal(err)
	}
	return r, stored
}

// TestDuplicatesAreCountedLater: a file is fresh before its duplicates are
// counted, whose number then arrives. The backstop waits for who counts.
func TestDuplicatesAreCountedLater(t *testing.T) {
	h := build(t)
	text := many()
	u := h.receive("a.txt", text)
	out, err := u.Finish(t.Context(), late())
	if err != nil {
		t.Fatal(err)
	}
	if out.File.Status != catalog.Fresh || out.Report.DuplicateRecords != nil {
		t.Fatalf("the file is %s with %v duplicates, want fresh before they are counted", out.File.Status, out.Report.DuplicateRecords)
	}
	if err := h.checks.Backstop(t.Context(), out.File.ID); err != nil {
		t.Fatal(err)
	}
	r, _ := h.report(out.File.ID)
	if r.DuplicateRecords == nil || *r.DuplicateRecords != 3 || r.Records != 300_003 || r.Verdict != "passed" {
		t.Errorf("the report has %v duplicates of %d records, %s; want 3 of 300003, passed", r.DuplicateRecords, r.Records, r.Verdict)
	}
	if f := h.file(out.File.ID); f.Status != catalog.Fresh || f.Rechecking {
		t.Errorf("the file is %s, checked again: %v", f.Status, f.Rechecking)
	}
}

// TestNobodyCounts: where the process ended before the count, the file is read again.
func TestNobodyCounts(t *testing.T) {
	h := build(t)
	text := many()
	u := h.receive("a.txt", text)
	out, err := u.Finish(t.Context(), late())
	if err != nil {
		t.Fatal(err)
	}
	id := out.File.ID
	if err := h.checks.Backstop(t.Context(), id); err != nil { // the count is over
		t.Fatal(err)
	}
	_, stored := h.report(id)
	if stored.JSON, err = json.Marshal(out.Report); err != nil {
		t.Fatal(err)
	}
	if _, err := h.catalog.Step(t.Context(), id, catalog.Step{From: []catalog.Status{catalog.Fresh}, To: catalog.Fresh, Action: "test", Report: &stored}); err != nil {
		t.Fatal(err)
	}
	if err := h.checks.Backstop(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if f := h.file(id); f.Status != catalog.Fresh || !f.Rechecking {
		t.Fatalf("the file is %s, checked again: %v", f.Status, f.Rechecking)
	}
	if err := h.checks.Run(t.Context(), id, false); err != nil {
		t.Fatal(err)
	}
	if r, _ := h.report(id); r.DuplicateRecords == nil || *r.DuplicateRecords != 3 {
		t.Errorf("%v duplicates, want 3", r.DuplicateRecords)
	}
	h.want(id, catalog.Fresh, promote.Fresh, text)
}
