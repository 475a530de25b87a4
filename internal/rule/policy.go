package rule

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"freshet/internal/errs"
)

// Action is what a policy has done about a finding.
type Action string

// Actions, from the mildest.
const (
	PolicyOff        Action = "off"        // what the file's own rules say
	PolicyWarn       Action = "warn"       // a warning at least
	PolicyQuarantine Action = "quarantine" // the file is kept away until a person has looked at it
	PolicyRefuse     Action = "refuse"     // the file fails, whatever it tolerates
)

var actions = []Action{PolicyOff, PolicyWarn, PolicyQuarantine, PolicyRefuse}

// Policy is what who runs a server, or a project, has done about what content
// rules find, by the rule's name. A file's own rules may be stricter, never laxer.
type Policy map[string]Action

// ParsePolicy reads entries RULE=ACTION.
func ParsePolicy(entries []string) (Policy, error) {
	p := Policy{}
	for _, e := range entries {
		name, action, ok := strings.Cut(e, "=")
		r := ByName(name)
		switch {
		case !ok || !slices.Contains(actions, Action(action)):
			return nil, badPolicy("%q is not RULE=off, warn, quarantine or refuse", e)
		case r == nil || r.Scan == nil:
			return nil, badPolicy("%q is not a rule on content; these are %s", name, strings.Join(contentRules(), ", "))
		case p[name] != "" && p[name] != Action(action):
			return nil, badPolicy("%s is both %s and %s", name, p[name], action)
		}
		p[name] = Action(action)
	}
	return p, nil
}

// PolicyFrom is a policy that was read before, as it is kept.
func PolicyFrom(kept map[string]string) Policy {
	p := Policy{}
	for name, a := range kept {
		p[name] = Action(a)
	}
	return p
}

// Stricter is for each rule the stricter of two policies.
func (p Policy) Stricter(q Policy) Policy {
	if len(q) == 0 {
		return p
	}
	out := maps.Clone(q)
	for name, a := range p {
		if slices.Index(actions, a) > slices.Index(actions, out[name]) {
			out[name] = a
		}
	}
	return out
}

func badPolicy(format string, args ...any) error {
	return errs.E(errs.Invalid, "bad-policy", "content policy: %s", fmt.Sprintf(format, args...)).WithHint("docs/scanning.md tells of policies, docs/rules.md of the rules")
}

func contentRules() (names []string) {
	for _, r := range All {
		if r.Scan != nil {
			names = append(names, r.Name)
		}
	}
	return names
}

// least is the severity that a rule has at least.
func (a Action) least() Severity {
	switch a {
	case PolicyWarn, PolicyQuarantine:
		return Warning
	case PolicyRefuse:
		return Error
	}
	return Off
}

// Under is the options with what the policy asks for besides.
func (o Options) Under(p Policy) Options {
	o.policy = p
	severity := maps.Clone(o.Severity)
	for name, a := range p {
		if r := ByName(name); r != nil && o.SeverityOf(r) < a.least() {
			if severity == nil {
				severity = map[string]string{}
			}
			severity[name] = a.least().String()
		}
	}
	o.Severity = severity
	return o
}

// Refused tells whether the policy has a file fail by a rule's findings, which no
// max_errors tolerates.
func (o *Options) Refused(r *Rule) bool { return o.policy[r.Name] == PolicyRefuse }

// Holds says why the policy keeps a file away that passed, by how many findings
// of each rule there are, or is empty. A record that could not be read, and was
// tolerated, nobody has looked into.
func (p Policy) Holds(count func(yield func(name string, n int64) bool)) string {
	looks := false
	for _, a := range p {
		looks = looks || a == PolicyQuarantine || a == PolicyRefuse
	}
	if !looks {
		return ""
	}
	var why []string
	for name, n := range count {
		r := ByName(name)
		switch {
		case n == 0 || r == nil:
		case p[name] == PolicyQuarantine || p[name] == PolicyRefuse:
			why = append(why, fmt.Sprintf("%s: %d findings", name, n))
		case r.Structural && r.Severity == Error:
			why = append(why, fmt.Sprintf("%s: %d records that nobody could look into", name, n))
		}
	}
	if len(why) == 0 {
		return ""
	}
	return "the content policy keeps it for a person to look at: " + strings.Join(why, ", ")
}
