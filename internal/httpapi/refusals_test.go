package httpapi

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"freshet/internal/catalog"
)

// TestRefusals: of each kind the first has a row and the rest one once a minute;
// what is beyond the kinds that are told apart is counted, too, and nobody's flood
// takes the place of another's.
func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var f refusals
		note := func(actor, network, project string, n int) {
			k := refusal{source: network, actor: actor, project: project, action: "refused", route: fmt.Sprint("GET /", n), code: "not-allowed"}
			a := k.act()
			a.Detail = "first"
			f.note(k, network, a)
		}
		count := func(rows []catalog.Act) (first, folded map[string]int) {
			first, folded = map[string]int{}, map[string]int{}
			for _, r := range rows {
				var more int
				who := r.Actor + " " + r.Project
				switch _, err := fmt.Sscanf(r.Detail, "%d ", &more); {
				case r.Detail == "first":
					first[who]++
				case err != nil || r.Result == "folded" != (r.Object == "*"):
					t.Errorf("a row is %+v", r)
				default:
					folded[who+" "+r.Result] += more
				}
			}
			return first, folded
		}
		for range 5 {
			for n := range kindsOfActor + 7 {
				note("key:1", "a", "p", n)
			}
		}
		for n := range 60 { // of 60 networks
			for k := range kindsOfNetwork + 3 {
				note(nobody, fmt.Sprint(n), "*", k)
			}
		}
		note("key:2", "a", "p", 1) // whom neither hides
		first, folded := count(f.take(false))
		if first["key:1 p"] != kindsOfActor || first["key:2 p"] != 1 || first["anonymous *"] != kindsOfNobody || len(folded) != 0 {
			t.Errorf("at once: %v, %v", first, folded)
		}
		time.Sleep(foldFor)
		_, folded = count(f.take(false))
		if folded["key:1 p not-allowed"] != 4*kindsOfActor || folded["key:1 p folded"] != 5*7 || folded["anonymous * folded"] != 60*(kindsOfNetwork+3)-kindsOfNobody || len(folded) != 3 {
			t.Errorf("after a minute: %v", folded)
		}
		if len(f.kinds) != 0 || len(f.told) != 0 {
			t.Errorf("%d kinds and %d owners are left", len(f.kinds), len(f.told))
		}
		// who may name any project makes no more rows by it
		for n := range 10 * kindsOfActor {
			note("key:1", "a", fmt.Sprint(n), 0)
		}
		if first, folded = count(f.take(true)); len(first) != kindsOfActor || len(folded) != kindsOfActor+1 || folded["key:1 * folded"] != 8*kindsOfActor {
			t.Errorf("at the end: %d, %d, %v", len(first), len(folded), folded["key:1 * folded"])
		}
		if len(f.kinds) != 0 || len(f.told) != 0 {
			t.Errorf("%d kinds and %d owners are left", len(f.kinds), len(f.told))
		}
	})
}
