package e2e_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

func (s *server) overlap(id string) obj {
	s.t.Helper()
	return s.get("/record-overlap/" + id).ok(200).json()
}

// numbers is a file of the records with these numbers.
func numbers(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, `{"id":%d,"text":"a record"}`+"\n", i)
	}
	return b.String()
}

// What part of a file others hold is known exactly while files are short, and
// within the margin when they are long. What is gone does not count.
func TestRecordOverlap(t *testing.T) {
	for _, n := range []int{800, 20_000} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			s := start(t)
			send := func(name, data string) string { return s.upload(file(name, data)).ok(200).json().str("file_id") }
			first := send("größe.jsonl", numbers(0, n))
			failed := send("failed.jsonl", numbers(0, n)+"nope\n")
			send("other.jsonl", numbers(9*n, 10*n))
			id := send("mine.jsonl", strings.ReplaceAll(numbers(n*3/4, n*7/4), "\n", "\r\n"))
			near := func(what string, o obj, want float64) {
				t.Helper()
				margin := o.num("margin")
				if exact := n <= 1024; o["exact"] != exact || exact != (margin == 0) || margin > 0.1 || math.Abs(o.num("share")-want) > 2*margin+1e-9 {
					t.Errorf("%s: %v, want a share of %v", what, o, want)
				}
			}
			o := s.overlap(id)
			o.want(t, obj{"file_id": id, "records": n, "files": 1, "not_compared": 0})
			near("together", o, 0.25)
			with := o.list("overlaps")
			if len(with) != 1 {
				t.Fatalf("overlaps are %v", with)
			}
			with[0].want(t, obj{"file_id": first, "original_name": "größe.jsonl", "records": int(math.Round(o.num("share") * float64(n)))})
			near("of one", with[0], 0.25)
			tell := fmt.Sprintf("%.1f %% of these records are already in %s (größe.jsonl)", 100*o.num("share"), first)
			if n > 1024 {
				tell = "about " + tell
			}
			if o.str("message") != tell {
				t.Errorf("%q, want %q", o.str("message"), tell)
			}
			near("of a failed file", s.overlap(failed), float64(n)/float64(n+1))

			// a second one is told of first, as it holds more; together they hold three quarters
			second := send("more.jsonl", numbers(n*5/4, n*9/4))
			o = s.overlap(id)
			near("together", o, 0.75)
			with = o.list("overlaps")
			if len(with) != 2 || with[0].str("file_id") != second || with[1].str("file_id") != first || !strings.Contains(o.str("message"), "in these 2 files together") {
				t.Fatalf("%v", o)
			}
			near("of the second", with[0], 0.5)
			s.post("/mark-used/"+second, `{"training_job":"job"}`).ok(200)
			near("with a used one", s.overlap(id), 0.75)

			s.do("DELETE", api+"/file/"+second, "").ok(200)
			near("once it is deleted", s.overlap(id), 0.25)
			s.post("/archive-file/"+first, "").ok(200)
			o = s.overlap(id)
			near("once it is archived", o, 0)
			if o.want(t, obj{"files": 0}); len(o.list("overlaps")) > 0 || o["message"] != nil {
				t.Errorf("%v", o)
			}
		})
	}
}

// The summaries of parts say the same of a file as one pass.
func TestRecordOverlapOfParts(t *testing.T) {
	s := start(t)
	s.upload(file("a.jsonl", numbers(0, 40_000))).ok(200)
	data := numbers(30_000, 100_000)
	u := s.begin("b.jsonl", len(data), "").ok(201).json()
	for n := (len(data) + partSize - 1) / partSize; n > 0; n-- {
		s.put(u.str("upload_id"), n, slice([]byte(data), n)).ok(200)
	}
	s.post("/uploads/"+u.str("upload_id")+"/complete", "").ok(200)
	inParts := s.overlap(u.str("file_id"))
	s.do("DELETE", api+"/file/"+u.str("file_id"), "").ok(200)
	inOne := s.overlap(s.upload(file("b.jsonl", data)).ok(200).json().str("file_id"))
	if inOne.num("share") == 0 || inParts.num("share") != inOne.num("share") {
		t.Errorf("in parts %v, in one %v", inParts, inOne)
	}
}

// Files from before there were samples are said to be unknown, until they are checked again.
func TestRecordOverlapUnknown(t *testing.T) {
	onDisk(t)
	s := start(t)
	old := s.upload(file("old.jsonl", numbers(0, 100))).ok(200).json().str("file_id")
	s.stop()
	s.inCatalog("DELETE FROM record_samples")
	s.launch()
	s.get("/record-overlap/"+old).problem(409, "no-sample")
	id := s.upload(file("new.jsonl", numbers(50, 150))).ok(200).json().str("file_id")
	s.overlap(id).want(t, obj{"share": 0, "not_compared": 1})
	s.post("/process-file/"+old+"?wait=20s", "").ok(200)
	s.overlap(id).want(t, obj{"share": 0.5, "not_compared": 0, "exact": true})
	s.overlap(old).want(t, obj{"share": 0.5})

	stopped := s.upload(file("stopped.jsonl", bad("stopped"))).ok(200).json().str("file_id")
	s.post("/process-file/"+stopped+"?wait=20s", `{"fail_fast":true}`).ok(200)
	s.get("/record-overlap/"+stopped).problem(409, "check-stopped")
	s.get("/record-overlap/"+newID()).problem(404, "unknown-file")
	arriving := s.begin("arriving.jsonl", 100, "").ok(201).json().str("file_id")
	s.get("/record-overlap/"+arriving).problem(409, "still-uploading")
}
