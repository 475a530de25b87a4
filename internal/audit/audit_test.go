package audit_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"freshet/internal/audit"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// installation is a catalog with rows and signed heads, on a disk.
type installation struct {
	t   *testing.T
	dir string
	s   *catalog.Store
	log *audit.Log
}

func install(t *testing.T) *installation {
	t.Helper()
	in := &installation{t: t, dir: t.TempDir()}
	s, err := catalog.Open(t.Context(), "sqlite://"+filepath.Join(in.dir, "catalog.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	in.s = s
	in.restart()
	return in
}

// restart is another process on the same catalog.
func (in *installation) restart() {
	in.t.Helper()
	key, err := audit.LoadKey(filepath.Join(in.dir, audit.KeyFile), true)
	if err != nil {
		in.t.Fatal(err)
	}
	in.log = &audit.Log{Catalog: in.s, Key: key, Place: audit.Dir(filepath.Join(in.dir, "audit")), Log: slog.New(slog.DiscardHandler)}
}

func (in *installation) write(n int) {
	in.t.Helper()
	for i := range n {
		if err := in.s.Audit(in.t.Context(), catalog.Act{Action: "test", Actor: "key:1", Object: fmt.Sprint("object ", i), Detail: "d"}); err != nil {
			in.t.Fatal(err)
		}
	}
}

func (in *installation) sign() {
	in.t.Helper()
	if err := in.log.Round(in.t.Context(), true); err != nil {
		in.t.Fatal(err)
	}
}

func (in *installation) exec(query string, args ...any) {
	in.t.Helper()
	if _, err := in.s.DB().ExecContext(context.WithoutCancel(in.t.Context()), query, args...); err != nil {
		in.t.Fatal(err)
	}
}

func (in *installation) verify(places ...audit.Place) audit.Verified {
	in.t.Helper()
	v, err := in.check(time.Time{}, places...)
	if err != nil {
		in.t.Fatal(err)
	}
	return v
}

// check verifies at a time.
func (in *installation) check(now time.Time, places ...audit.Place) (audit.Verified, error) {
	in.t.Helper()
	if places == nil {
		places = []audit.Place{in.log.Place}
	}
	keys, err := audit.Verifiers(in.log.Key.Verifier)
	if err != nil {
		in.t.Fatal(err)
	}
	names := make([]string, len(places))
	for i := range places {
		names[i] = fmt.Sprint("place ", i)
	}
	return (&audit.Check{Catalog: in.s, Places: places, Names: names, Keys: keys, Now: now}).Run(in.t.Context())
}

// What a place lacks is told once it should have come there; a place that has
// nothing proves nothing.
func TestPlaceThatLacksHeads(t *testing.T) {
	in := thirty(t)
	dir := filepath.Join(in.dir, "audit")
	soon, late := in.s.Now().Add(audit.Lag-30*time.Second), in.s.Now().Add(audit.Lag+30*time.Second)
	names, err := audit.Dir(dir).List(t.Context())
	if err != nil || len(names) != 3 {
		t.Fatal(names, err)
	}
	one := filepath.Join(in.dir, "one.txt")
	b, err := os.ReadFile(filepath.Join(dir, names[0]))
	if err == nil {
		err = os.WriteFile(one, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	holds := func(what string, now time.Time, places ...audit.Place) {
		t.Helper()
		if v, err := in.check(now, places...); err != nil || v.Problem != nil {
			t.Errorf("%s: %v, %v", what, v.Problem, err)
		}
	}
	lacks := func(what string, size int64, places ...audit.Place) {
		t.Helper()
		if v, err := in.check(late, places...); err != nil || v.Problem == nil || v.Problem.Number != size || !strings.Contains(v.Problem.What, "not at place") {
			t.Errorf("%s: %v, %v", what, v.Problem, err)
		}
		holds(what+" a little earlier", soon, places...)
	}
	nothing := func(what string, place audit.Place) {
		t.Helper()
		if v, err := in.check(late, place); !errs.HasCode(err, "no-checkpoint") || v.Problem != nil {
			t.Errorf("%s: %v, %v", what, v.Problem, err)
		}
		holds(what+" a little earlier", soon, place)
	}
	holds("all is there", late)
	holds("a file has one head", late, audit.File(one))
	nothing("no directory", audit.Dir(filepath.Join(in.dir, "none")))
	for i, size := range []int64{30, 20} { // from the end, then a hole before
		if err := os.Rename(filepath.Join(dir, names[2-i]), filepath.Join(in.dir, names[2-i])); err != nil {
			t.Fatal(err)
		}
		lacks("without the newest", size)
		lacks("in the second place", size, audit.File(one), in.log.Place)
	}
	if err := os.Rename(filepath.Join(in.dir, names[2]), filepath.Join(dir, names[2])); err != nil {
		t.Fatal(err)
	}
	lacks("with a hole", 20)
	in.exec(`UPDATE audit SET detail = 'other' WHERE number = 25`)
	if v, err := in.check(late); err != nil || v.Problem == nil || v.Problem.Number != 25 {
		t.Errorf("a row that was changed behind a hole: %v, %v", v.Problem, err)
	}
	in.exec(`UPDATE audit SET detail = 'd' WHERE number = 25`)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	nothing("an emptied place", in.log.Place)
}

// rechain makes all hashes from a row on anew, as who knows of them would.
func (in *installation) rechain(from int64) {
	in.t.Helper()
	rows, err := in.s.AuditRows(in.t.Context(), catalog.AuditQuery{OldestFirst: true, Limit: 1000})
	if err != nil {
		in.t.Fatal(err)
	}
	var hash []byte
	for i := range rows {
		if rows[i].Number >= from {
			rows[i].Hash = rows[i].Chain(hash)
			in.exec(`UPDATE audit SET hash = $1 WHERE number = $2`, rows[i].Hash, rows[i].Number)
		}
		hash = rows[i].Hash
	}
}

// thirty is an installation of 30 rows, with heads of 10, 20 and 30.
func thirty(t *testing.T) *installation {
	in := install(t)
	for range 3 {
		in.write(10)
		in.sign()
	}
	return in
}

func TestSignAndVerify(t *testing.T) {
	in := install(t)
	if v := in.verify(); v.Problem != nil || v.Rows != 0 {
		t.Errorf("an empty log: %+v", v)
	}
	in.sign() // of nothing
	in.write(7)
	if v := in.verify(); v.Problem != nil || v.Rows != 7 || v.Signed != 0 {
		t.Errorf("without a head: %+v", v)
	}
	in.sign()
	in.sign() // nothing came
	in.write(1)
	in.restart()
	in.write(2)
	in.sign()
	in.write(3)
	v := in.verify()
	if v.Problem != nil || v.Rows != 13 || v.Heads != 2 || v.Kept != 2 || v.Signed != 10 || v.SignedAt.IsZero() {
		t.Errorf("verify = %+v", v)
	}
	names, err := in.log.Place.List(t.Context())
	if err != nil || len(names) != 2 {
		t.Errorf("List = %v, %v", names, err)
	}
	// a single head, wherever it was kept
	if v := in.verify(audit.File(filepath.Join(in.dir, "audit", names[0]))); v.Problem != nil || v.Kept != 1 {
		t.Errorf("with one file: %+v", v)
	}
	if info, err := os.Stat(filepath.Join(in.dir, audit.KeyFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v, %v", info.Mode(), err)
	}
}

// TestTampered: whatever is done to the rows, the first that is wrong is found.
func TestTampered(t *testing.T) {
	for _, row := range []int64{1, 10, 15, 30} {
		first, last := row == 1, row == 30
		for name, c := range map[string]struct {
			change func(*installation)
			number int64 // that is told, 0: row
			what   string
			skip   bool
		}{
			"text altered": {change: func(in *installation) { in.exec(`UPDATE audit SET actor = 'key:2' WHERE number = $1`, row) }, what: "altered"},
			"time altered": {change: func(in *installation) { in.exec(`UPDATE audit SET at = at + 1 WHERE number = $1`, row) }, what: "altered"},
			"text moved over": {change: func(in *installation) {
				in.exec(`UPDATE audit SET object = object || 'd', detail = '' WHERE number = $1`, row)
			}, what: "altered"},
			"hash altered": {change: func(in *installation) { in.exec(`UPDATE audit SET hash = X'00' WHERE number = $1`, row) }, what: "altered"},
			"deleted":      {change: func(in *installation) { in.exec(`DELETE FROM audit WHERE number = $1`, row) }, what: "missing"},
			"deleted, and the rest moved up": {skip: last, change: func(in *installation) {
				in.exec(`DELETE FROM audit WHERE number = $1`, row)
				in.exec(`UPDATE audit SET number = -number WHERE number > $1`, row)
				in.exec(`UPDATE audit SET number = -number - 1 WHERE number < 0`)
			}, what: "altered, inserted or moved"},
			"inserted": {change: func(in *installation) {
				in.exec(`UPDATE audit SET number = -number - 1 WHERE number >= $1`, row)
				in.exec(`UPDATE audit SET number = -number WHERE number < 0`)
				in.exec(`INSERT INTO audit SELECT $1, at, 'key:9', source, request_id, project, action, object, result, detail, hash FROM audit WHERE number = $1 + 1`, row)
			}, what: "altered, inserted or moved"},
			"inserted before all": {skip: !first, number: 0, change: func(in *installation) {
				in.exec(`INSERT INTO audit SELECT 0, at, actor, source, request_id, project, action, object, result, detail, hash FROM audit WHERE number = 1`)
			}, what: "inserted"},
			"swapped with the next": {skip: last, change: func(in *installation) {
				in.exec(`UPDATE audit SET number = -1 WHERE number = $1`, row)
				in.exec(`UPDATE audit SET number = $1 WHERE number = $1 + 1`, row)
				in.exec(`UPDATE audit SET number = $1 + 1 WHERE number = -1`, row)
			}, what: "altered, inserted or moved"},
			"cut off from here": {change: func(in *installation) { in.exec(`DELETE FROM audit WHERE number >= $1`, row) }, what: "missing"},
			"cut off with the catalog's heads": {change: func(in *installation) {
				in.exec(`DELETE FROM audit WHERE number >= $1`, row)
				in.exec(`DELETE FROM audit_heads WHERE size >= $1`, row)
			}, what: "missing"},
			"altered with all hashes": {number: (row-1)/10*10 + 1, change: func(in *installation) {
				in.exec(`UPDATE audit SET actor = 'key:2' WHERE number = $1`, row)
				in.rechain(row)
			}, what: fmt.Sprintf("from here to %d", ((row-1)/10+1)*10)},
			"deleted with all hashes": {number: (row-1)/10*10 + 1, skip: last, change: func(in *installation) {
				in.exec(`DELETE FROM audit WHERE number = $1`, row)
				in.exec(`UPDATE audit SET number = -number WHERE number > $1`, row)
				in.exec(`UPDATE audit SET number = -number - 1 WHERE number < 0`)
				in.rechain(row)
			}, what: "made anew"},
		} {
			if c.skip {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d", name, row), func(t *testing.T) {
				t.Parallel()
				in := thirty(t)
				c.change(in)
				want := c.number
				if want == 0 && name != "inserted before all" {
					want = row
				}
				v := in.verify()
				if v.Problem == nil || v.Problem.Number != want || !strings.Contains(v.Problem.What, c.what) {
					t.Errorf("verify = %v, want row %d: %s", v.Problem, want, c.what)
				}
				// what was signed is changed: nothing is signed on top of it, in this process or the next
				for _, when := range []string{"at once", "after a restart"} {
					in.write(1)
					err := in.log.Round(t.Context(), true)
					var p *audit.Problem
					if !errors.As(err, &p) || in.log.Err(t.Context()) == nil {
						t.Errorf("%s a head is signed: %v", when, err)
					}
					in.restart()
				}
			})
		}
	}
}

// TestHeadsTampered: heads cannot be taken away from the catalog or be others.
func TestHeadsTampered(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*installation)
		number int64
		what   string
	}{
		"the first removed":  {func(in *installation) { in.exec(`DELETE FROM audit_heads WHERE size = 10`) }, 10, "removed or replaced"},
		"the middle removed": {func(in *installation) { in.exec(`DELETE FROM audit_heads WHERE size = 20`) }, 20, "removed or replaced"},
		"the last removed":   {func(in *installation) { in.exec(`DELETE FROM audit_heads WHERE size = 30`) }, 30, "removed or replaced"},
		"all removed":        {func(in *installation) { in.exec(`DELETE FROM audit_heads`) }, 10, "removed or replaced"},
		"altered": {func(in *installation) {
			in.exec(`UPDATE audit_heads SET note = replace(note, 'last ', 'last A') WHERE size = 20`)
		}, 20, "not what was signed"},
		"of another size": {func(in *installation) { in.exec(`UPDATE audit_heads SET size = 19 WHERE size = 20`) }, 19, "not what was signed"},
		"signed by another": {func(in *installation) {
			other := thirty(in.t)
			h, err := other.s.AuditHeads(in.t.Context(), 19, false, 1)
			if err != nil {
				in.t.Fatal(err)
			}
			in.exec(`UPDATE audit_heads SET note = $1 WHERE size = 20`, h[0].Note)
		}, 20, "another key"},
	} {
		t.Run(name, func(t *testing.T) {
			in := thirty(t)
			c.change(in)
			if v := in.verify(); v.Problem == nil || v.Problem.Number != c.number || !strings.Contains(v.Problem.What, c.what) {
				t.Errorf("verify = %v, want row %d: %s", v.Problem, c.number, c.what)
			}
		})
	}
}

// TestCutEverywhere: a head that was kept elsewhere tells what was cut also where
// nothing in the installation does any more.
func TestCutEverywhere(t *testing.T) {
	in := thirty(t)
	elsewhere := filepath.Join(t.TempDir(), "kept.txt")
	h, err := in.s.LastAuditHead(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(elsewhere, []byte(h.Note), 0o600); err != nil {
		t.Fatal(err)
	}
	in.exec(`DELETE FROM audit WHERE number > 20`)
	in.exec(`DELETE FROM audit_heads WHERE size > 20`)
	if err := os.Remove(filepath.Join(in.dir, "audit", "0000000000000000030.note")); err != nil {
		t.Fatal(err)
	}
	if v := in.verify(); v.Problem != nil || v.Rows != 20 {
		t.Fatalf("verify of what is consistent = %+v", v)
	}
	if v := in.verify(audit.File(elsewhere)); v.Problem == nil || v.Problem.Number != 21 || !strings.Contains(v.Problem.What, "rows to 30") {
		t.Errorf("verify = %v, want row 21", v.Problem)
	}
}

// failing is a place that is away.
type failing struct {
	audit.Place
	err error
}

func (f *failing) Create(ctx context.Context, name string, b []byte) error {
	if f.err != nil {
		return f.err
	}
	return f.Place.Create(ctx, name, b)
}

// TestPlaceAway: heads that the place did not take come later, in order, and are
// never written over.
func TestPlaceAway(t *testing.T) {
	in := install(t)
	away := &failing{in.log.Place, errors.New("away")}
	in.log.Place = away
	for range 3 {
		in.write(2)
		if err := in.log.Round(t.Context(), true); err == nil || in.log.Err(t.Context()) == nil {
			t.Fatalf("Round = %v", err)
		}
	}
	away.err = nil
	in.sign()
	if v := in.verify(); v.Problem != nil || v.Heads != 3 || v.Kept != 3 || in.log.Err(t.Context()) != nil {
		t.Errorf("verify = %+v, Err = %v", v, in.log.Err(t.Context()))
	}
	if err := audit.Dir(filepath.Join(in.dir, "audit")).Create(t.Context(), "0000000000000000002.note", []byte("x")); !errors.Is(err, os.ErrExist) {
		t.Errorf("Create over another = %v", err)
	}
}

// TestOneSigns: of many nodes one signs.
func TestOneSigns(t *testing.T) {
	in := install(t)
	in.write(1)
	if err := in.log.Round(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	in.restart() // another node
	in.write(1)
	if err := in.log.Round(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if h, err := in.s.LastAuditHead(t.Context()); err != nil || h.Size != 1 {
		t.Errorf("LastAuditHead = %d, %v: signed twice in a minute", h.Size, err)
	}
	in.exec(`UPDATE audit_heads SET at = at - 60000000`)
	if err := in.log.Round(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if h, err := in.s.LastAuditHead(t.Context()); err != nil || h.Size != 2 {
		t.Errorf("LastAuditHead = %d, %v", h.Size, err)
	}
}

// TestVerifyIsQuick: 10,000 rows take a second at most.
func TestVerifyIsQuick(t *testing.T) {
	in := install(t)
	acts := make([]catalog.Act, 500)
	for i := range acts {
		acts[i] = catalog.Act{Action: "download", Actor: "key:0123456789ab", Source: "192.0.2.1", Project: "default", Object: fmt.Sprintf("file_%032x", i), Detail: "bytes=0-1048575"}
	}
	for range 20 {
		if err := in.s.Audit(t.Context(), acts...); err != nil {
			t.Fatal(err)
		}
		in.sign()
	}
	best := time.Hour
	for range 3 {
		began := time.Now()
		if v := in.verify(); v.Problem != nil || v.Rows != 10_000 || v.Heads != 20 {
			t.Fatalf("verify = %+v", v)
		}
		best = min(best, time.Since(began))
	}
	t.Logf("10,000 rows in %s", best)
	if best > time.Second {
		t.Errorf("10,000 rows took %s", best)
	}
}

func TestBadKeys(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.key")
	if _, err := audit.LoadKey(path, false); err == nil {
		t.Error("a key that is not there is loaded")
	}
	for _, bad := range []string{"", "x", "PRIVATE+KEY+other+00000000+AAAA"} {
		if err := os.WriteFile(path, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := audit.LoadKey(path, true); err == nil || bad != "" && strings.Contains(err.Error(), "AAAA") {
			t.Errorf("LoadKey of %q = %v", bad, err)
		}
	}
	if b, err := os.ReadFile(path); err != nil || !bytes.HasPrefix(b, []byte("PRIVATE")) {
		t.Error("a key's file was written over")
	}
	secret, err := audit.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	k, err := audit.LoadKey(secret, false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := audit.Verifiers(k.Verifier); err != nil || strings.Contains(k.Verifier, "PRIVATE") {
		t.Errorf("the public key is %q, %v", k.Verifier, err)
	}
	if _, err := audit.LoadKey(secret[:len(secret)-2], true); err == nil || strings.Contains(err.Error(), secret[20:40]) {
		t.Errorf("LoadKey of half a key = %v", err)
	}
	if _, err := audit.Verifiers("x"); err == nil {
		t.Error("x is a verifier")
	}
}
