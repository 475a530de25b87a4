// Package access is who may do what. A caller has roles in projects and, by its
// key, perhaps only some of what its roles allow: a right is role in project ∧
// scope of the key. Table is all there is to roles; which route takes which
// right is one literal table at the edge.
//
// The caller travels in the context of a request. Facts ask for it where they
// are read or changed (Permit), so that no route can forget to. A context
// without a caller is the server's own: jobs, sweeps, commands.
package access

import (
	"context"
	"regexp"
	"slices"
	"time"

	"freshet/internal/errs"
)

// Right is something that may be done.
type Right string

// Rights, from harmless on. They are the scopes of keys, too.
const (
	Read     Right = "read"     // lists, reports, findings, history, events
	Download Right = "download" // bytes and records
	Upload   Right = "upload"   // send files, and take back what is not whole
	Use      Right = "use"      // note that a training job read a file
	Curate   Right = "curate"   // check again, promote, archive, deprecate, delete
	Rules    Right = "rules"    // make and end rule sets
	Admin    Right = "admin"    // keys, limits, policies, retention, quarantine, the audit log
)

// Rights lists them all.
var Rights = []Right{Read, Download, Upload, Use, Curate, Rules, Admin}

// Role is what somebody is in a project.
type Role string

// Roles, each with all that those before it may.
const (
	Viewer        Role = "viewer"
	Uploader      Role = "uploader"
	Curator       Role = "curator"
	Administrator Role = "admin"
)

// Roles lists them, the least first.
var Roles = []Role{Viewer, Uploader, Curator, Administrator}

// Table is what each role may in its project.
var Table = map[Role][]Right{
	Viewer:        {Read, Download},
	Uploader:      {Read, Download, Upload, Use},
	Curator:       {Read, Download, Upload, Use, Curate, Rules},
	Administrator: {Read, Download, Upload, Use, Curate, Rules, Admin},
}

// Default is the project of whatever no project is said of.
const Default = "default"

// Everywhere, in Grants, is every project that is or will be, and the server itself.
const Everywhere = "*"

// Grants is somebody's role in each project.
type Grants map[string]Role

var projectName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// CheckProject refuses what cannot be the name of a project.
func CheckProject(name string) error {
	if !projectName.MatchString(name) {
		return errs.E(errs.Invalid, "bad-project", "%q cannot be the name of a project", name).
			WithHint("use up to 64 of a-z, 0-9, _ and -, with a letter or digit first")
	}
	return nil
}

// Check refuses grants and scopes that mean nothing.
func Check(g Grants, scopes []Right) error {
	if len(g) == 0 {
		return errs.E(errs.Invalid, "no-role", "it has no role in any project").WithHint("roles are %v", Roles)
	}
	for project, role := range g {
		if project != Everywhere {
			if err := CheckProject(project); err != nil {
				return err
			}
		}
		if !slices.Contains(Roles, role) {
			return errs.E(errs.Invalid, "unknown-role", "%q is not a role", role).WithHint("roles are %v", Roles)
		}
	}
	for _, s := range scopes {
		if !slices.Contains(Rights, s) {
			return errs.E(errs.Invalid, "unknown-scope", "%q is not a scope", s).WithHint("scopes are %v", Rights)
		}
	}
	return nil
}

// Identity is who a key, a token or a session stands for.
type Identity struct {
	Actor  string // "key:ID", "oidc:SUBJECT"
	Name   string // for people
	KeyID  string // of the key, empty for a token
	Grants Grants
	Scopes []Right   // of the key; empty: all that its roles allow
	Until  time.Time // when it ends; zero: not by itself
}

// Caller is whoever a request is from.
type Caller struct {
	Actor   string // "key:ID", "oidc:SUBJECT", "local", "anonymous"
	Source  string // address that it came from
	Request string // id of the request
	Grants  Grants
	Scopes  []Right // of its key; empty: all that its roles allow
	Project string  // in which it asks, where no object says so
	Need    Right   // what the request takes; empty: nothing that has to be allowed
	// Unseen, unless nil, is told of each object of a project that the caller does
	// not see: the answer looks as if there were none, the record does not.
	Unseen func(project string)
}

// May tells whether the caller has a right in a project.
func (c *Caller) May(project string, r Right) bool {
	if len(c.Scopes) > 0 && !slices.Contains(c.Scopes, r) {
		return false
	}
	return slices.Contains(Table[c.Grants[project]], r) || slices.Contains(Table[c.Grants[Everywhere]], r)
}

// MaySomewhere tells whether there is any project in which the caller has a right.
func (c *Caller) MaySomewhere(r Right) bool {
	for project := range c.Grants {
		if c.May(project, r) {
			return true
		}
	}
	return false
}

// Sees tells whether the caller may know that a project is there.
func (c *Caller) Sees(project string) bool {
	return c.Grants[project] != "" || c.Grants[Everywhere] != ""
}

// Home is the project of a request that names none: the caller's only one, else
// the default one.
func (g Grants) Home() string {
	if len(g) == 1 {
		for project := range g {
			if project != Everywhere {
				return project
			}
		}
	}
	return Default
}

// Role is somebody's role in a project, the higher of the two where it has one
// everywhere, too; empty if none.
func (g Grants) Role(project string) Role {
	most := max(slices.Index(Roles, g[project]), slices.Index(Roles, g[Everywhere]))
	if most < 0 {
		return ""
	}
	return Roles[most]
}

// Within tells whether grants give nothing that others lack.
func (g Grants) Within(others Grants) bool {
	for project, role := range g {
		if slices.Index(Roles, role) > slices.Index(Roles, others.Role(project)) {
			return false
		}
	}
	return true
}

// Forbid is the refusal of what a caller's role or key does not allow.
func Forbid(project string, r Right) error {
	where := "in the project " + project
	if project == Everywhere {
		where = "for the whole server"
	}
	return errs.E(errs.Forbidden, "not-allowed", "this takes the right to %s %s", r, where).
		WithHint("ask an administrator for a role that has it, or use a key whose scopes have it")
}

type (
	callerKey struct{}
	actorKey  struct{}
)

// With is a context in which a caller asks.
func With(ctx context.Context, c *Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// From is the caller of a context, nil where the server itself acts.
func From(ctx context.Context) *Caller {
	c, _ := ctx.Value(callerKey{}).(*Caller)
	return c
}

// By is a context of the server's own or of a command in which somebody acts who
// is told by a name alone, such as "command:ada": it is put on record, and has
// no part in what is allowed.
func By(ctx context.Context, actor string) context.Context {
	return context.WithValue(ctx, actorKey{}, actor)
}

// Actor is who acts in a context: its caller, or whom By names; else empty.
func Actor(ctx context.Context) string {
	if c := From(ctx); c != nil {
		return c.Actor
	}
	by, _ := ctx.Value(actorKey{}).(string)
	return by
}

// Permit refuses what the caller of a context may not do to an object of a
// project. An object of a project that it does not see is missing, which is the
// error that tells of no such object.
func Permit(ctx context.Context, project string, missing error) error {
	c := From(ctx)
	switch {
	case c == nil:
		return nil
	case !c.Sees(project):
		if c.Unseen != nil {
			c.Unseen(project)
		}
		return missing
	case c.Need != "" && !c.May(project, c.Need):
		return Forbid(project, c.Need)
	}
	return nil
}

// Project is the one in which a context asks: the caller's, or the default one.
func Project(ctx context.Context) string {
	if c := From(ctx); c != nil && c.Project != "" {
		return c.Project
	}
	return Default
}
