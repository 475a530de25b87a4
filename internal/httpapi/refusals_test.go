package httpapi

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestRefusals: of each kind the first is told at once and the rest once a
// minute; what is beyond the kinds that are told apart is counted, too.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f refusals
		kind := func(n int) refusal {
			return refusal{source: fmt.Sprint(n), actor: "anonymous", project: "*", action: "refused", route: "GET /x", code: "no-key"}
		}
		written := 0
		for range 5 {
			for n := range mostRefusals + 7 {
				if f.first(kind(n)) {
					written++
				}
			}
		}
		if written != mostRefusals || len(f.kinds) != mostRefusals {
			t.Errorf("%d rows at once, %d kinds, want %d", written, len(f.kinds), mostRefusals)
		}
		f.add(kind(0), 1)                // its row could not be written
		f.add(kind(mostRefusals+100), 2) // neither could this one's, and its kind is gone
		rows := f.take(false)
		if len(rows) != 1 || rows[0].Result != "folded" || rows[0].Detail != fmt.Sprintf("%d more of other kinds than the %d that are told apart at a time", 7*5+2, mostRefusals) {
			t.Errorf("within the minute: %+v", rows)
		}
		time.Sleep(foldFor)
		told := 0
		for _, r := range f.take(false) {
			var more int
			if _, err := fmt.Sscanf(r.Detail, "%d more in 60 s", &more); err != nil || r.Actor != "anonymous" || r.Source == "" || r.Object != "GET /x" || r.Result != "no-key" {
				t.Errorf("after a minute: %+v", r)
			}
			told += more
		}
		if told != 4*mostRefusals+1 || len(f.kinds) != 0 {
			t.Errorf("%d are told after a minute, want %d; %d kinds are left", told, 4*mostRefusals+1, len(f.kinds))
		}
		if !f.first(kind(1)) || f.first(kind(1)) {
			t.Error("another minute does not begin with a row")
		}
		if rows := f.take(true); len(rows) != 1 || rows[0].Detail != "1 more in 0 s" {
			t.Errorf("at the end: %+v", rows)
		}
	})
}
