package e2e_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// buckets are the counts of a map.
func (o obj) buckets(key string) (out []int) {
	list, _ := o[key].([]any)
	for _, v := range list {
		n, _ := v.(float64)
		out = append(out, int(n))
	}
	return out
}

// bucketOf is where a unit, from 1, lies: bucket i covers those from
// i*total/n+1 to (i+1)*total/n.
func bucketOf(unit, total, n int) int {
	for i := range n {
		if unit <= (i+1)*total/n {
			return i
		}
	}
	return n - 1
}

// wantMap counts the findings of a file one by one and wants their map to be that.
func (s *server) wantMap(id string, n int, rule string) {
	s.t.Helper()
	lines := int(s.get("/validation-report/" + id).ok(200).json().num("lines"))
	want := map[string][]int{"error": make([]int, n), "warning": make([]int, n)}
	counted := 0
	for line := range strings.Lines(string(s.get("/validation-findings/" + id + query("rule", rule)).ok(200).body)) {
		var f struct {
			Severity string
			Line     int
		}
		if err := json.Unmarshal([]byte(line), &f); err != nil {
			s.t.Fatal(err)
		}
		want[f.Severity][bucketOf(f.Line, lines, n)]++
		counted++
	}
	m := s.get("/findings-map/" + id + query("buckets", fmt.Sprint(n), "rule", rule)).ok(200).json()
	m.want(s.t, obj{"file_id": id, "unit": "line", "total": lines, "counted": counted, "partial": false})
	if !slices.Equal(m.buckets("errors"), want["error"]) || !slices.Equal(m.buckets("warnings"), want["warning"]) {
		s.t.Errorf("%d buckets, rule %q: the map is\n%v\n%v\nwant\n%v", n, rule, m["errors"], m["warnings"], want)
	}
}

// The map counts every finding that is kept, where it lies.
func TestFindingsMap(t *testing.T) {
	s := start(t)
	var many strings.Builder
	for i := range 4000 {
		switch {
		case i%7 == 3 || i > 3900:
			fmt.Fprintf(&many, "{\"id\": =nope%d}\n", i)
		case i%50 == 10:
			fmt.Fprintf(&many, "{\"a\":%d,\"a\":%d}\n[]\n\n", i, i)
		default:
			fmt.Fprintf(&many, "{\"id\":%d}\n", i)
		}
	}
	for name, data := range map[string]string{"many.jsonl": many.String(), "few.jsonl": bad("map"), "one.jsonl": "x\n", "fine.jsonl": good(100, "map"), "blank.jsonl": "\n\n",
		"rows.csv": "a,b\n1,2\n3\n4,\"5\n6\"\n7\n", "twice.jsonl": good(3, "twice") + good(3, "twice")} {
		t.Run(name, func(t *testing.T) {
			s.t = t
			id := s.upload(file(name, data)).ok(200).json().str("file_id")
			s.settled(id)
			for _, n := range []int{1, 2, 3, 7, 120, 1000} {
				s.wantMap(id, n, "")
			}
			s.wantMap(id, 50, "json-syntax")
			s.wantMap(id, 50, "duplicate-key")
			if n := len(s.get("/findings-map/" + id).ok(200).json().buckets("errors")); n != 120 {
				t.Errorf("%d buckets, want 120", n)
			}
			for q, code := range map[string]string{"?buckets=0": "", "?buckets=1001": "", "?rule=none": "unknown-rule"} {
				s.get("/findings-map/"+id+q).problem(422, code)
			}
		})
	}
	s.t = t
	s.get("/findings-map/"+newID()).problem(404, "unknown-file")
}

// Where more were found than are kept the map says so.
func TestFindingsMapOfTooMany(t *testing.T) {
	s := start(t, "--max-findings", "10")
	id := s.upload(file("bad.jsonl", strings.Repeat("{\"id\":1}\nx\n", 15))).ok(200).json().str("file_id")
	m := s.get("/findings-map/" + id + "?rule=json-syntax&buckets=10").ok(200).json()
	if m.want(t, obj{"unit": "line", "total": 30, "partial": true}); m.num("counted") > 10 || m.num("counted") == 0 {
		t.Errorf("%v are counted", m["counted"])
	}
	s.get("/findings-map/"+id+"?rule=nul-byte").ok(200).json().want(t, obj{"counted": 0, "partial": false})
}

// While a file arrives the map goes by bytes of what is expected.
func TestFindingsMapOfWhatArrives(t *testing.T) {
	s := start(t)
	b := jsonLines(3*partSize+777, "map")
	places := []int{partSize / 3, 2*partSize + partSize/2} // of lines that are broken
	for i, at := range places {
		at = strings.LastIndexByte(string(b[:at]), '\n') + 1
		copy(b[at:], "x")
		places[i] = at
	}
	u := s.begin("map.jsonl", len(b), "").ok(201).json()
	id := u.str("upload_id")
	s.get("/findings-map/"+u.str("file_id")).ok(200).json().want(t, obj{"unit": "byte", "total": len(b), "counted": 0, "partial": true})
	s.put(id, 1, slice(b, 1)).ok(200)
	s.put(id, 3, slice(b, 3)).ok(200) // its lines are not known yet, its bytes are
	m := s.get("/findings-map/" + u.str("file_id") + "?buckets=100").ok(200).json()
	m.want(t, obj{"unit": "byte", "total": len(b), "counted": 2, "partial": true})
	want := make([]int, 100)
	for _, at := range places {
		want[bucketOf(at+1, len(b), 100)]++
	}
	if !slices.Equal(m.buckets("errors"), want) {
		t.Errorf("the map is %v, want %v", m["errors"], want)
	}
	s.put(id, 2, slice(b, 2)).ok(200)
	s.put(id, 4, slice(b, 4)).ok(200)
	s.do("POST", api+"/uploads/"+id+"/complete", "").ok(200)
	s.settled(u.str("file_id"))
	s.wantMap(u.str("file_id"), 100, "")
}

// Findings of one severity, and only the first so many.
func TestFindingsWanted(t *testing.T) {
	s := start(t)
	id := s.upload(file("wanted.jsonl", strings.Repeat("{\"a\":1}\n{\"a\":1}\n{\"a\":\n", 800))).ok(200).json().str("file_id")
	report := s.get("/validation-report/" + id).ok(200).json()
	for _, severity := range []string{"error", "warning"} {
		list := s.get("/validation-findings/" + id + "?severity=" + severity).ok(200).body
		if n := strings.Count(string(list), `"severity":"`+severity+`"`); n != int(report.num(severity+"s")) || n != strings.Count(string(list), "\n") {
			t.Errorf("%d of %d lines are of %d findings of severity %s", n, strings.Count(string(list), "\n"), int(report.num(severity+"s")), severity)
		}
		first := string(s.get("/validation-findings/" + id + "?limit=3&severity=" + severity).ok(200).body)
		if strings.Count(first, "\n") != min(3, int(report.num(severity+"s"))) || !strings.HasPrefix(string(list), first) {
			t.Errorf("the first 3 are %s", first)
		}
	}
}

// The map of what arrives has every error, though its report lists a thousand findings.
func TestFindingsMapOfManyThatArrive(t *testing.T) {
	s := start(t)
	var b []byte
	for i := 0; len(b) < 2*partSize; i++ {
		line := fmt.Sprintf(`{"messages":[{"role":"user","content":"question %d"},{"role":"assistant","content":"answer %d"}]}`, i, i) // no system message: a warning
		if len(b) > partSize && i%50 == 0 {
			line = "x" + line[1:]
		}
		b = append(append(b, line...), '\n')
	}
	errors := strings.Count(string(b), "\nx")
	u := s.begin("many.jsonl", len(b)+partSize, "").ok(201).json()
	s.put(u.str("upload_id"), 1, slice(b, 1)).ok(200)
	s.put(u.str("upload_id"), 2, slice(b, 2)).ok(200)
	m := s.get("/findings-map/" + u.str("file_id") + "?buckets=30").ok(200).json()
	total := 0
	for i, n := range m.buckets("errors") {
		total += n
		if n > 0 && (i < 9 || i > 20) {
			t.Errorf("%d errors in bucket %d of 30: %v", n, i, m["errors"])
		}
	}
	if errors < 100 || total < errors-2 || total > errors { // a record may lie across the seam
		t.Errorf("%d errors on the map, want %d: %v", total, errors, m)
	}
}
