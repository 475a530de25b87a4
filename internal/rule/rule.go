// Package rule says what is wrong with a record. A rule is a value with a
// name, a severity, a text for people and, where it looks at one record at a
// time, a function. Rules are pure: record in, findings out; no I/O, no clock.
// All is the literal list of them; docs/rules.md is made from it.
package rule

import (
	"fmt"
	"strings"

	"freshet/internal/record"
)

// Severity of a finding. Only errors make a file fail.
type Severity uint8

// Severities.
const (
	Off Severity = iota
	Warning
	Error
)

func (s Severity) String() string { return [...]string{"off", "warning", "error"}[s] }

// Scope says which files a rule is for.
type Scope string

// Scopes. A pack's rules run on the files that hold its kind of record.
const (
	EveryFile        Scope = "every file"
	JSONLines        Scope = "jsonl, json"
	CSV              Scope = "csv"
	OpenAIChat       Scope = "openai-chat"
	PromptCompletion Scope = "prompt-completion"
	Preference       Scope = "preference"
	TextPack         Scope = "text"
	Content          Scope = "content"
)

// Rule is one check. Its name is the setting, the line in the report and the
// anchor in the docs.
type Rule struct {
	Name     string
	Label    string // a few words, for lists
	Severity Severity
	Scope    Scope
	Doc      string // first line: the title; then, after an empty line, the whole story
	Hint     string // what to do about it, where a finding brings no better one
	// Structural rules say that a record or file could not be read; their
	// severity cannot be changed.
	Structural bool
	// Check looks at one record. It is nil where the engine itself finds the
	// fault while reading, or only at the end of the file.
	Check func(*Context)
	// Scan, in place of Check, looks into one value that has a byte which it
	// Needs. What a Private rule finds no finding may repeat.
	Scan    func(*Scanned)
	Needs   triggers
	Private bool
}

// Title is the first line of Doc.
func (r *Rule) Title() string {
	title, _, _ := strings.Cut(r.Doc, "\n")
	return title
}

// ByName is the rule of that name, or nil.
func ByName(name string) *Rule {
	for _, r := range All {
		if r.Name == name {
			return r
		}
	}
	return nil
}

// NoPlace is the place of a finding that concerns the record as a whole.
const NoPlace = -1

// Context is one record as the rules see it. It is reused from record to record.
type Context struct {
	// JSON is the record of a JSON Lines file, nil in CSV.
	JSON *record.JSON
	// CSV is the record of a CSV file, nil in JSON Lines; Columns are its names in order.
	CSV     *record.CSV
	Columns map[string]int

	// Line is the record of a text file, which has neither.
	Line []byte
	// Span is the bytes of the record that a finding on content is about.
	Span Span
	// Hidden is what no excerpt of the record may show.
	Hidden []Span

	Options *Options
	Chat    Chat
	Firsts  Firsts

	inner      record.JSON // for JSON inside a string
	scratch    []byte
	names      hashSet
	messages   []Message // of records that have no known shape
	shapes     map[*record.Shape]*shapeFacts
	visit      visit
	scanned    Scanned
	table      table
	expression evaluation

	rule *Rule
	sink Sink
	// Mute is set by the engine when findings are only counted from here on.
	Mute bool
}

// Sink receives what a rule found: the place is a token of the JSON record, or
// a field of the CSV record, or NoPlace.
type Sink func(r *Rule, place int, message, hint string)

// Run runs the rules over the record in the context. Those that look into
// content come first, so that it is known what the others must not show.
func (c *Context) Run(rules []*Rule, sink Sink) {
	c.sink, c.table.filled = sink, false
	defer func() { c.Hidden = c.Hidden[:0] }()
	n := 0
	for n < len(rules) && rules[n].Scan != nil {
		n++
	}
	c.scan(rules[:n])
	for _, r := range rules[n:] {
		c.rule = r
		r.Check(c)
	}
}

// Report is called by rules: the record breaks the rule that is running, at place.
func (c *Context) Report(place int, format string, args ...any) {
	if c.Mute {
		c.sink(c.rule, place, "", "")
		return
	}
	c.sink(c.rule, place, fmt.Sprintf(format, args...), c.rule.Hint)
}

// reportHint is Report with a better hint than that of the rule.
func (c *Context) reportHint(place int, hint, format string, args ...any) {
	if c.Mute {
		c.sink(c.rule, place, "", "")
		return
	}
	c.sink(c.rule, place, fmt.Sprintf(format, args...), hint)
}

// Value is a named value of a record, of a JSON member or a CSV column alike.
type Value struct {
	Kind  record.Kind
	Text  []byte // decoded; valid until the next look-up
	Place int
}

// Lookup finds a member by dotted name, or a CSV column. Text is filled for
// strings of at most limit bytes; longer ones come with their first bytes only.
func (c *Context) Lookup(name string) (v Value, ok bool) {
	if c.CSV != nil {
		i, ok := c.Columns[name]
		if !ok || i >= len(c.CSV.Fields) {
			return v, false
		}
		return Value{Kind: record.String, Text: c.CSV.Value(i), Place: i}, true
	}
	i := c.JSON.Lookup(name)
	if i < 0 {
		return v, false
	}
	t := &c.JSON.Tok[i]
	v = Value{Kind: t.Kind, Place: i, Text: c.JSON.Text(i)}
	if t.Kind == record.String && t.Flags&record.Escaped != 0 {
		c.scratch = c.JSON.Decode(c.scratch[:0], i)
		v.Text = c.scratch
	}
	return v, true
}

// First names a thing whose first appearance in a file matters, since a file
// must not have two of them.
type First uint8

// Firsts that rules set for the end of the file.
const (
	FirstChat First = iota
	FirstPromptCompletion
	FirstPreference
	FirstText
	FirstContentString
	FirstContentParts
	NumFirsts
)

// Firsts is the set of things seen in one record.
type Firsts [NumFirsts]bool
