package catalogtest

import (
	"testing"
	"time"

	"freshet/internal/access"
	"freshet/internal/catalog"
	"freshet/internal/errs"
)

// everything is what a key may that may all.
var everything = access.Grants{access.Everywhere: access.Administrator}

func keys(t *testing.T, s *catalog.Store) {
	if has, err := s.HasKeys(t.Context()); has || err != nil {
		t.Fatalf("HasKeys = %v, %v", has, err)
	}
	k, secret, err := s.NewKey(t.Context(), catalog.Key{Name: "laptop", Grants: everything})
	if err != nil {
		t.Fatal(err)
	}
	if k.Hash == secret || k.Hash != catalog.HashKey(secret) {
		t.Error("the key itself is stored")
	}
	got, err := s.Authenticate(t.Context(), secret)
	if err != nil || got.ID != k.ID || got.Name != "laptop" {
		t.Errorf("Authenticate = %+v, %v", got, err)
	}
	for _, bad := range []string{"", "x", secret + "x", secret[:len(secret)-1]} {
		if _, err := s.Authenticate(t.Context(), bad); !errs.Is(err, errs.Unauthorized) {
			t.Errorf("Authenticate(%q) = %v, want Unauthorized", bad, err)
		}
	}
	list, err := s.Keys(t.Context())
	if err != nil || len(list) != 1 || list[0].LastUsed.IsZero() || time.Since(list[0].LastUsed) > time.Minute {
		t.Errorf("Keys = %+v, %v", list, err)
	}
	if err := s.RevokeKey(t.Context(), k.ID, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Authenticate(t.Context(), secret); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a revoked key works: %v", err)
	}
	if has, err := s.HasKeys(t.Context()); !has || err != nil {
		t.Errorf("HasKeys after revoking = %v, %v: the server would open up", has, err)
	}
	if err := s.RevokeKey(t.Context(), k.ID, nil); !errs.Is(err, errs.NotFound) {
		t.Errorf("RevokeKey again = %v, want NotFound", err)
	}
}

// sessions last until they are ended, idle or old, or their key is revoked.
func sessions(t *testing.T, s *catalog.Store) {
	begin := func(k catalog.Key) string {
		t.Helper()
		n, secret, err := s.NewSession(t.Context(), k.Identity())
		if err != nil || n.Who.KeyID != k.ID || len(secret) < 43 || n.Hash != catalog.HashKey(secret) {
			t.Fatalf("NewSession = %+v, %q, %v", n, secret, err)
		}
		return secret
	}
	over := func(what, secret string) {
		t.Helper()
		if _, err := s.Session(t.Context(), secret); !errs.HasCode(err, "session-ended") || !errs.Is(err, errs.Unauthorized) {
			t.Errorf("%s: %v, want session-ended", what, err)
		}
	}
	rows := func() (n int) {
		t.Helper()
		if err := s.DB().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM sessions`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	age := func(secret, column string, by time.Duration) {
		t.Helper()
		if _, err := s.DB().ExecContext(t.Context(), `UPDATE sessions SET `+column+` = `+column+` - $1 WHERE hash = $2`, by.Microseconds(), catalog.HashKey(secret)); err != nil {
			t.Fatal(err)
		}
	}
	k, key, err := s.NewKey(t.Context(), catalog.Key{Name: "laptop", Grants: everything})
	if err != nil {
		t.Fatal(err)
	}
	one := begin(k)
	n, err := s.Session(t.Context(), one)
	if err != nil || n.Who.KeyID != k.ID || n.Who.Name != "laptop" || n.Ends().Sub(n.Seen) != catalog.SessionIdle {
		t.Errorf("Session = %+v, %v", n, err)
	}
	over("no session", "")
	over("another secret", one[:len(one)-1]+"~")
	over("a key is none", key)
	if _, err := s.Authenticate(t.Context(), one); !errs.Is(err, errs.Unauthorized) {
		t.Errorf("a session's secret works as a key: %v", err)
	}

	age(one, "seen", catalog.SessionIdle-time.Minute)
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) < time.Hour {
		t.Errorf("a session that is looked at = %+v, %v", n, err)
	}
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) < time.Hour {
		t.Errorf("a look counts as use: %+v, %v", n, err)
	}
	if n, err = s.UseSession(t.Context(), one); err != nil || s.Now().Sub(n.Seen) > time.Minute {
		t.Errorf("a session in use = %+v, %v", n, err)
	}
	if n, err = s.Session(t.Context(), one); err != nil || s.Now().Sub(n.Seen) > time.Minute {
		t.Errorf("its use was not noted: %+v, %v", n, err)
	}
	if list, err := s.Keys(t.Context()); err != nil || s.Now().Sub(list[0].LastUsed) > time.Minute {
		t.Errorf("the use of its key was not noted: %+v, %v", list, err)
	}
	age(one, "created", catalog.SessionLife-time.Hour)
	if n, err = s.Session(t.Context(), one); err != nil || n.Ends().Sub(s.Now()) > time.Hour {
		t.Errorf("a session in its last hour = %+v, %v", n, err)
	}
	idle, old, ended, left := begin(k), begin(k), begin(k), begin(k)
	age(idle, "seen", catalog.SessionIdle)
	over("idle", idle)
	age(old, "created", catalog.SessionLife)
	over("old", old)
	if err := s.EndSession(t.Context(), ended); err != nil {
		t.Fatal(err)
	}
	over("ended", ended)
	if err := s.EndSession(t.Context(), ended); err != nil {
		t.Errorf("ended again: %v", err)
	}
	if err := s.ForgetSessions(t.Context()); err != nil || rows() != 2 {
		t.Errorf("%d sessions are left, %v, want 2", rows(), err)
	}

	other, _, err := s.NewKey(t.Context(), catalog.Key{Name: "other", Grants: everything})
	if err != nil {
		t.Fatal(err)
	}
	theirs := begin(other)
	if err := s.RevokeKey(t.Context(), k.ID, nil); err != nil {
		t.Fatal(err)
	}
	over("its key is revoked", left)
	if _, err := s.Session(t.Context(), theirs); err != nil || rows() != 1 {
		t.Errorf("another key's session: %v; %d are left", err, rows())
	}
	late := begin(k) // its key was revoked meanwhile
	over("begun by a revoked key", late)
	if err := s.ForgetSessions(t.Context()); err != nil || rows() != 1 {
		t.Errorf("%d sessions are left, %v, want 1", rows(), err)
	}
}
