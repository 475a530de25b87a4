package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"freshet/api"
)

type rulesCmd struct {
	Put rulesPutCmd `cmd:"" help:"Make a new version of a rule set."`
	Get rulesGetCmd `cmd:"" help:"Print the rules of a set, as JSON."`
	Ls  rulesLsCmd  `cmd:"" help:"List rule sets, or the versions of one."`
	Rm  rulesRmCmd  `cmd:"" help:"Take a rule set out of force."`
}

type rulesPutCmd struct {
	remote
	Name string `arg:"" help:"Name of the set."`
	File string `arg:"" help:"File with rules as JSON."`
}

func (c *rulesPutCmd) Run(e *env) error {
	rules, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	set, err := c.client().PutRuleSet(e.ctx, c.Name, rules)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(set)
	}
	_, err = fmt.Fprintf(e.out, "%s@%d\n", set.Name, set.Version)
	return err
}

type rulesGetCmd struct {
	remote
	Name string `arg:"" help:"NAME, or NAME@VERSION."`
}

func (c *rulesGetCmd) Run(e *env) error {
	name, v, numbered := strings.Cut(c.Name, "@")
	n := int64(0)
	if numbered {
		var err error
		if n, err = strconv.ParseInt(v, 10, 64); err != nil || n < 1 {
			return errUsage{fmt.Errorf("%q is not NAME or NAME@VERSION", c.Name)}
		}
	}
	set, err := c.client().RuleSet(e.ctx, name, n)
	if err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(set)
	}
	return e.printJSON(set.Rules)
}

type rulesLsCmd struct {
	remote
	Name string `arg:"" optional:"" help:"A set: its versions are listed."`
}

func (c *rulesLsCmd) Run(e *env) error {
	list, err := c.list(e)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	if !c.JSON {
		fmt.Fprintln(w, "RULE SET\tCREATED\tBY")
	}
	for i := range list {
		s := &list[i]
		if c.JSON {
			if err := e.printJSON(s); err != nil {
				return err
			}
			continue
		}
		fmt.Fprintf(w, "%s@%d\t%s\t%s\n", s.Name, s.Version, s.CreatedTime.Local().Format("2006-01-02 15:04"), clean(s.CreatedBy))
	}
	return w.Flush()
}

func (c *rulesLsCmd) list(e *env) ([]api.RuleSetVersion, error) {
	if c.Name == "" {
		all, err := c.client().RuleSets(e.ctx)
		return all.RuleSets, err
	}
	set, err := c.client().RuleSet(e.ctx, c.Name, 0)
	return set.Versions, err
}

type rulesRmCmd struct {
	remote
	Name string `arg:"" help:"Name of the set."`
}

func (c *rulesRmCmd) Run(e *env) error {
	if err := c.client().DeleteRuleSet(e.ctx, c.Name); err != nil {
		return err
	}
	if c.JSON {
		return e.printJSON(map[string]string{"name": c.Name, "state": "deleted"})
	}
	e.say("%s is deleted; files keep the rules that they were checked by", c.Name)
	return nil
}
