package rule

import (
	"bytes"

	"freshet/internal/record"
)

// Rules of the small schemas, which work on JSON members and CSV columns alike.
var (
	PromptCompletionFields = &Rule{Name: "prompt-completion-fields", Label: "Prompt or completion missing", Severity: Error, Scope: PromptCompletion, Check: checkStrings("prompt", "completion"),
		Doc: "`prompt` or `completion` is missing or not a string.", Hint: `a record is {"prompt": "…", "completion": "…"}`}
	PromptCompletionEmpty = &Rule{Name: "prompt-completion-empty", Label: "Empty completion", Severity: Error, Scope: PromptCompletion, Check: checkNotEmpty("completion"),
		Doc: "`completion` is empty.", Hint: "remove the record, or write the completion"}

	PreferenceFields = &Rule{Name: "preference-fields", Label: "Preference parts missing", Severity: Error, Scope: Preference, Check: checkPreferenceFields,
		Doc: "A preference record lacks its parts.\n\nIt has `input`, `preferred_output` and `non_preferred_output`, or `prompt`, `chosen` and `rejected`."}
	PreferenceInput = &Rule{Name: "preference-input", Label: "Wrong preference input", Severity: Error, Scope: Preference, Check: checkPreferenceInput,
		Doc: "`input.messages` is missing, empty, or ends with an assistant message.", Hint: "end the input with the message to answer"}
	PreferenceOutput = &Rule{Name: "preference-output", Label: "Wrong preference output", Severity: Error, Scope: Preference, Check: checkPreferenceOutput,
		Doc: "An output is not exactly one assistant message.", Hint: `an output is [{"role": "assistant", "content": "…"}]`}
	PreferenceEqual = &Rule{Name: "preference-equal", Label: "Outputs are equal", Severity: Error, Scope: Preference, Check: checkPreferenceEqual,
		Doc: "The two outputs are equal: there is no preference.", Hint: "remove the record"}

	TextField = &Rule{Name: "text-field", Label: "Text missing", Severity: Error, Scope: TextPack, Check: checkStrings("text"),
		Doc: "`text` is missing or not a string.", Hint: `a record is {"text": "…"}`}
	TextEmpty = &Rule{Name: "text-empty", Label: "Empty text", Severity: Error, Scope: TextPack, Check: checkNotEmpty("text"),
		Doc: "`text` is empty.", Hint: "remove the record"}
)

func checkStrings(names ...string) func(*Context) {
	return func(c *Context) {
		for _, name := range names {
			v, ok := c.Lookup(name)
			switch {
			case !ok:
				c.Report(NoPlace, "field %q is missing", name)
			case v.Kind != record.String:
				c.Report(v.Place, "field %q is %s, not a string", name, c.article(v.Place))
			}
		}
	}
}

func checkNotEmpty(name string) func(*Context) {
	return func(c *Context) {
		if v, ok := c.Lookup(name); ok && v.Kind == record.String && len(v.Text) == 0 {
			c.Report(v.Place, "field %q is empty", name)
		}
	}
}

// outputs are the two members that a preference record compares.
func (c *Context) outputs() (better, worse string, paired bool) {
	if _, ok := c.Lookup("prompt"); ok {
		return "chosen", "rejected", false
	}
	return "preferred_output", "non_preferred_output", true
}

func checkPreferenceFields(c *Context) {
	better, worse, paired := c.outputs()
	if paired {
		if _, ok := c.Lookup("input"); !ok {
			c.Report(NoPlace, `field "input" is missing`)
		}
	}
	names := []string{better, worse}
	if !paired {
		names = append(names, "prompt")
	}
	for _, name := range names {
		v, ok := c.Lookup(name)
		switch {
		case !ok:
			c.Report(NoPlace, "field %q is missing", name)
		case v.Kind != record.Array && (paired || v.Kind != record.String):
			c.Report(v.Place, "field %q is %s, not %s", name, c.article(v.Place), map[bool]string{true: "a list", false: "a string or a list of messages"}[paired])
		}
	}
}

func checkPreferenceInput(c *Context) {
	in, ok := c.Lookup("input")
	if _, _, paired := c.outputs(); !paired || !ok || c.JSON == nil {
		return
	}
	list := -1
	if in.Kind == record.Object {
		list = c.JSON.Member(in.Place, "messages")
	}
	if c.kind(list) != record.Array || c.JSON.Next(list) == list+1 {
		c.Report(in.Place, "the input has no messages")
		return
	}
	last := list + 1
	for i, end := list+1, c.JSON.Next(list); i < end; i = c.JSON.Next(i) {
		last = i
	}
	if c.readMessage(last).Role == RoleAssistant {
		c.Report(last, "the input ends with an assistant message")
	}
}

func checkPreferenceOutput(c *Context) {
	better, worse, paired := c.outputs()
	if !paired || c.JSON == nil {
		return
	}
	for _, name := range []string{better, worse} {
		v, ok := c.Lookup(name)
		if !ok {
			continue
		}
		if v.Kind != record.Array {
			continue // preference-fields tells of it
		}
		if c.JSON.Next(v.Place) == v.Place+1 || c.JSON.Next(v.Place+1) != c.JSON.Next(v.Place) ||
			c.readMessage(v.Place+1).Role != RoleAssistant {
			c.Report(v.Place, "%s is not exactly one assistant message", name)
		}
	}
}

func checkPreferenceEqual(c *Context) {
	better, worse, _ := c.outputs()
	a, ok := c.Lookup(better)
	if !ok {
		return
	}
	first := bytes.Clone(a.Text) // the next look-up may reuse its bytes
	if b, ok := c.Lookup(worse); ok && a.Kind == b.Kind && bytes.Equal(first, b.Text) {
		c.Report(b.Place, "%s and %s are equal", better, worse)
	}
}

// PackOf is the schema that a record's own names speak of, or empty.
func (c *Context) PackOf() Scope {
	if c.CSV != nil {
		return PackOfColumns(c.Columns)
	}
	known := c.ofShape()
	if known == nil {
		return c.packOfNames()
	}
	if known.pack == nil {
		pack := c.packOfNames()
		known.pack = &pack
	}
	return *known.pack
}

func (c *Context) packOfNames() Scope {
	var has struct{ prompt, completion, chosen, rejected, input, preferred, non, messages, text bool }
	c.JSON.Depth1Names(func(name, _ int) bool {
		switch c.name(name) {
		case "messages":
			has.messages = true
		case "prompt":
			has.prompt = true
		case "completion":
			has.completion = true
		case "chosen":
			has.chosen = true
		case "rejected":
			has.rejected = true
		case "input":
			has.input = true
		case "preferred_output":
			has.preferred = true
		case "non_preferred_output":
			has.non = true
		case "text":
			has.text = true
		}
		return true
	})
	switch {
	case has.messages:
		return OpenAIChat
	case has.prompt && has.chosen && has.rejected, has.preferred && has.non:
		return Preference
	case has.prompt && has.completion:
		return PromptCompletion
	case has.text:
		return TextPack
	}
	return ""
}

// PackOfColumns is PackOf for the columns of a CSV file.
func PackOfColumns(columns map[string]int) Scope {
	has := func(names ...string) bool {
		for _, n := range names {
			if _, ok := columns[n]; !ok {
				return false
			}
		}
		return true
	}
	switch {
	case has("prompt", "chosen", "rejected"):
		return Preference
	case has("prompt", "completion"):
		return PromptCompletion
	case has("text"):
		return TextPack
	}
	return ""
}

// FirstOf is the mark of a schema's first record in a file.
func FirstOf(pack Scope) First {
	switch pack {
	case OpenAIChat:
		return FirstChat
	case PromptCompletion:
		return FirstPromptCompletion
	case Preference:
		return FirstPreference
	default:
		return FirstText
	}
}
