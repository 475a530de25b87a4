package rule

import "freshet/internal/record"

// Rules on weights and on tools.
var (
	ChatWeight = &Rule{Name: "chat-weight", Label: "Wrong weight", Severity: Error, Scope: OpenAIChat, Check: checkWeight,
		Doc: "A weight is wrong.\n\nOnly assistant messages have one; it is 0 or 1; not all of a record's may be 0.", Hint: "give 1 to the answers to learn, 0 to the others"}
	ChatTools = &Rule{Name: "chat-tools", Label: "Wrong list of tools", Severity: Error, Scope: OpenAIChat, Check: checkTools,
		Doc: "`tools` is not a list of function definitions with names.", Hint: `a tool is {"type": "function", "function": {"name": …, "parameters": …}}`}
	ChatToolCall = &Rule{Name: "chat-tool-call", Label: "Incomplete tool call", Severity: Error, Scope: OpenAIChat, Check: checkToolCalls,
		Doc: "A tool call is incomplete.\n\nIt has an id, names a tool of the record, and its arguments are a string that holds JSON."}
	ChatToolCallID = &Rule{Name: "chat-tool-call-id", Label: "Tool message answers no call", Severity: Error, Scope: OpenAIChat, Check: checkToolCallID,
		Doc: "A tool message answers no call.\n\nIts tool_call_id is missing, or no assistant message before it made that call.", Hint: "give it the id of the call that it answers"}
	ChatParallelToolCalls = &Rule{Name: "chat-parallel-tool-calls", Label: "Wrong parallel_tool_calls", Severity: Error, Scope: OpenAIChat, Check: checkParallel,
		Doc: "`parallel_tool_calls` is not a boolean.", Hint: "write true or false"}
)

func checkWeight(c *Context) {
	zero, other := -1, false
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		if m.Weight < 0 {
			other = other || m.Role == RoleAssistant
			continue
		}
		w := float64(-1)
		if c.kind(m.Weight) == record.Number {
			w = c.JSON.Float(m.Weight)
		}
		switch {
		case m.Role == RoleNone: // chat-role tells of it
		case m.Role != RoleAssistant:
			c.Report(m.Weight, "a weight on a message from %s; only assistant messages have one", m.Role)
		case c.kind(m.Weight) != record.Number:
			c.Report(m.Weight, "the weight is %s, not 0 or 1", c.article(m.Weight))
			other = true
		case w != 0 && w != 1:
			c.Report(m.Weight, "the weight is %s, not 0 or 1", clip(c.JSON.Text(m.Weight)))
			other = true
		case w == 0:
			zero = m.Weight
		default:
			other = true
		}
	}
	if zero >= 0 && !other {
		c.Report(zero, "all weights are 0: there is nothing to learn")
	}
}

func checkTools(c *Context) {
	if c.Chat.Tools < 0 {
		return
	}
	if c.kind(c.Chat.Tools) != record.Array {
		c.Report(c.Chat.Tools, "tools is %s, not a list", c.article(c.Chat.Tools))
		return
	}
	for t, end := c.Chat.Tools+1, c.JSON.Next(c.Chat.Tools); t < end; t = c.JSON.Next(t) {
		if name := c.toolName(t); name < 0 {
			c.Report(t, "a tool without a function name")
		}
	}
}

// toolName is the token of the name of the tool defined at t, or -1.
func (c *Context) toolName(t int) int {
	if c.kind(t) != record.Object {
		return -1
	}
	f := c.JSON.Member(t, "function")
	if c.kind(f) != record.Object {
		return -1
	}
	name := c.JSON.Member(f, "name")
	if c.kind(name) != record.String || c.JSON.Tok[name].N == 0 {
		return -1
	}
	return name
}

func checkToolCalls(c *Context) {
	known := false // the names of the record's tools are in c.names
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		if m.ToolCalls < 0 {
			continue
		}
		if c.kind(m.ToolCalls) != record.Array || c.JSON.Next(m.ToolCalls) == m.ToolCalls+1 {
			c.Report(m.ToolCalls, "tool_calls is not a list of calls")
			continue
		}
		if m.Role != RoleAssistant && m.Role != RoleNone {
			c.Report(m.ToolCalls, "tool calls on a message from %s; only assistant messages make them", m.Role)
		}
		if !known {
			c.toolNames()
			known = true
		}
		for k, end := m.ToolCalls+1, c.JSON.Next(m.ToolCalls); k < end; k = c.JSON.Next(k) {
			c.checkToolCall(k)
		}
	}
}

func (c *Context) checkToolCall(call int) {
	if c.kind(call) != record.Object {
		c.Report(call, "a tool call must be an object, not %s", c.article(call))
		return
	}
	if id := c.JSON.Member(call, "id"); c.kind(id) != record.String || c.JSON.Tok[id].N == 0 {
		c.Report(call, "the tool call has no id")
	}
	f := c.JSON.Member(call, "function")
	if c.kind(f) != record.Object {
		c.Report(call, "the tool call has no function")
		return
	}
	name := c.JSON.Member(f, "name")
	switch {
	case c.kind(name) != record.String:
		c.Report(f, "the called function has no name")
	case !c.names.has(c.text(name)):
		c.Report(name, "tool %q is not among the record's tools", clip(c.JSON.Decode(nil, name)))
	}
	args := c.JSON.Member(f, "arguments")
	if c.kind(args) != record.String {
		c.Report(f, "the arguments are not a string that holds JSON")
		return
	}
	if err := c.inner.Parse(c.text(args)); err != nil {
		c.Report(args, "the arguments are not JSON: %s", err.Message)
	}
}

// toolNames collects the names that the record's tools define.
func (c *Context) toolNames() {
	c.names.reset()
	if c.kind(c.Chat.Tools) != record.Array {
		return
	}
	for t, end := c.Chat.Tools+1, c.JSON.Next(c.Chat.Tools); t < end; t = c.JSON.Next(t) {
		if name := c.toolName(t); name >= 0 {
			c.names.add(c.text(name))
		}
	}
}

func checkToolCallID(c *Context) {
	c.names.reset() // the ids of calls made so far
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		switch {
		case m.Role == RoleAssistant:
			c.noteCalls(m)
		case m.Role != RoleTool:
		case c.kind(m.ToolCallID) != record.String:
			c.Report(m.Tok, "the tool message has no tool_call_id")
		case !c.names.has(c.text(m.ToolCallID)):
			c.Report(m.ToolCallID, "no earlier message made the call %q", clip(c.JSON.Decode(nil, m.ToolCallID)))
		}
	}
}

// noteCalls collects the ids of the calls that a message makes.
func (c *Context) noteCalls(m *Message) {
	if c.kind(m.ToolCalls) != record.Array {
		return
	}
	for k, end := m.ToolCalls+1, c.JSON.Next(m.ToolCalls); k < end; k = c.JSON.Next(k) {
		if c.kind(k) != record.Object {
			continue
		}
		if id := c.JSON.Member(k, "id"); c.kind(id) == record.String {
			c.names.add(c.text(id))
		}
	}
}

func checkParallel(c *Context) {
	if c.Chat.Parallel >= 0 && c.kind(c.Chat.Parallel) != record.Bool {
		c.Report(c.Chat.Parallel, "parallel_tool_calls is %s, not a boolean", c.article(c.Chat.Parallel))
	}
}
