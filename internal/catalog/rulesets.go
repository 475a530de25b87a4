package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"freshet/internal/access"
	"freshet/internal/errs"
)

// RuleSet is one version of rules with a name, in a project: that in which ctx
// asks, wherever rule sets are asked for. A version never changes.
type RuleSet struct {
	Project   string
	Name      string
	Version   int64 // from 1, on after a deletion
	Rules     json.RawMessage
	Created   time.Time
	CreatedBy string
	Deleted   time.Time // zero: in force
}

const ruleSetColumns = `project, name, version, rules, created, created_by, deleted`

func scanRuleSet(row scanner) (RuleSet, error) {
	var r RuleSet
	var rules string
	var created, deleted int64
	err := row.Scan(&r.Project, &r.Name, &r.Version, &rules, &created, &r.CreatedBy, &deleted)
	r.Rules, r.Created, r.Deleted = json.RawMessage(rules), fromMicros(created), fromMicros(deleted)
	return r, err
}

// PutRuleSet makes a new version of a set, and a new set at first. The rules of
// the latest version again make none: made is false.
func (s *Store) PutRuleSet(ctx context.Context, name string, rules json.RawMessage, actor string) (set RuleSet, made bool, err error) {
	err = s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		set, made = RuleSet{}, false
		last, err := scanRuleSet(tx.QueryRowContext(ctx, `SELECT `+ruleSetColumns+` FROM rule_sets WHERE project = $1 AND name = $2 ORDER BY version DESC LIMIT 1`, access.Project(ctx), name))
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		if err == nil && last.Deleted.IsZero() && string(last.Rules) == string(rules) {
			set = last
			return nil
		}
		set, made = RuleSet{Project: access.Project(ctx), Name: name, Version: last.Version + 1, Rules: rules, Created: s.Now(), CreatedBy: actor}, true
		_, err = tx.ExecContext(ctx, `INSERT INTO rule_sets (project, name, version, rules, created, created_by) VALUES ($1, $2, $3, $4, $5, $6)`, set.Project, set.Name, set.Version, string(set.Rules), micros(set.Created), set.CreatedBy)
		if s.isUnique(err) {
			return errAgain // somebody else's is the latest now
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "put-rule-set", Actor: actor, Project: set.Project, Object: fmt.Sprintf("%s@%d", set.Name, set.Version)})
	})
	return set, made, err
}

// RuleSet is a version of a set, one of a deleted set included; 0 is the latest in force.
func (s *Store) RuleSet(ctx context.Context, name string, version int64) (RuleSet, error) {
	query, args := `SELECT `+ruleSetColumns+` FROM rule_sets WHERE project = $1 AND name = $2 AND deleted = 0 ORDER BY version DESC LIMIT 1`, []any{access.Project(ctx), name}
	if version > 0 {
		query, args = `SELECT `+ruleSetColumns+` FROM rule_sets WHERE project = $1 AND name = $2 AND version = $3`, append(args, version)
	}
	var r RuleSet
	err := s.look(ctx, func(ctx context.Context, q querier) (err error) {
		r, err = scanRuleSet(q.QueryRowContext(ctx, query, args...))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		return r, unknownRuleSet(name, version)
	}
	return r, err
}

func unknownRuleSet(name string, version int64) error {
	e := errs.E(errs.NotFound, "unknown-rule-set", "there is no rule set %q", name)
	if version > 0 {
		e = errs.E(errs.NotFound, "unknown-rule-set", "there is no version %d of a rule set %q", version, name)
	}
	return e.WithHint("GET /data/efficient/rule-sets lists them")
}

// RuleSetVersions is every version of a set, newest first.
func (s *Store) RuleSetVersions(ctx context.Context, name string) ([]RuleSet, error) {
	return s.ruleSets(ctx, `SELECT `+ruleSetColumns+` FROM rule_sets WHERE project = $1 AND name = $2 ORDER BY version DESC`, access.Project(ctx), name)
}

// RuleSets is the latest version of each set in force, by name.
func (s *Store) RuleSets(ctx context.Context) ([]RuleSet, error) {
	return s.ruleSets(ctx, `SELECT `+ruleSetColumns+` FROM rule_sets r WHERE project = $1 AND deleted = 0
		AND version = (SELECT MAX(version) FROM rule_sets WHERE project = r.project AND name = r.name) ORDER BY name`, access.Project(ctx))
}

func (s *Store) ruleSets(ctx context.Context, query string, args ...any) (out []RuleSet, err error) {
	err = s.look(ctx, func(ctx context.Context, q querier) error {
		out = []RuleSet{}
		return rows(ctx, q, func(row scanner) error {
			r, err := scanRuleSet(row)
			out = append(out, r)
			return err
		}, query, args...)
	})
	return out, err
}

// DeleteRuleSet takes a set out of force. Its versions stay readable.
func (s *Store) DeleteRuleSet(ctx context.Context, name string) error {
	return s.tx(ctx, func(ctx context.Context, tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE rule_sets SET deleted = $1 WHERE project = $2 AND name = $3 AND deleted = 0`, micros(s.Now()), access.Project(ctx), name)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err == nil && n == 0 {
			err = unknownRuleSet(name, 0)
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, tx, Act{Action: "delete-rule-set", Project: access.Project(ctx), Object: name})
	})
}
