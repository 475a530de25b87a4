package rule

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"freshet/internal/record"
)

// Role is who speaks in a message.
type Role uint8

// Roles that a chat record may hold. RoleNone: missing, not a string, or not known.
const (
	RoleNone Role = iota
	RoleSystem
	RoleDeveloper
	RoleUser
	RoleAssistant
	RoleTool
	RoleFunction
)

var roles = [...]string{"", "system", "developer", "user", "assistant", "tool", "function"}

func (r Role) String() string { return roles[r] }

// Message is one element of `messages`: tokens of its parts, -1 where there is none.
type Message struct {
	Tok          int
	Object       bool
	Role         Role
	RoleTok      int
	Content      int
	Weight       int
	ToolCalls    int
	ToolCallID   int
	FunctionCall int
	Extra        int // name of the first member that does not belong
}

// Chat is the chat record in the context, found once for all rules of the pack.
type Chat struct {
	List     int // token of messages, or -1
	Messages []Message
	Tools    int
	Parallel int
	// Whole tells that messages is a list, not empty, of objects; rules that look
	// at single messages have nothing to say otherwise.
	Whole bool
	// TooMany: there are more messages than any trainer takes; only the first are looked at.
	TooMany bool
}

const maxMessages = 100_000

// ReadChat fills c.Chat from the record. It runs before the pack's rules.
func (c *Context) ReadChat() {
	if known := c.ofShape(); known == nil {
		c.findChat()
	} else if known.chat != nil {
		c.Chat = *known.chat
		for i := range c.Chat.Messages {
			if m := &c.Chat.Messages[i]; m.RoleTok >= 0 {
				m.Role = c.role(m.RoleTok)
			}
		}
	} else {
		c.findChat()
		chat := c.Chat
		chat.Messages = slices.Clone(chat.Messages)
		known.chat = &chat
	}
	for i := range c.Chat.Messages {
		switch c.kind(c.Chat.Messages[i].Content) {
		case record.String:
			c.Firsts[FirstContentString] = true
		case record.Array:
			c.Firsts[FirstContentParts] = true
		}
	}
}

func (c *Context) findChat() {
	j, t := c.JSON, &c.Chat
	if cap(c.messages) > 1<<12 {
		c.messages = nil // one long record should not cost its memory for the rest of the file
	}
	*t = Chat{List: -1, Tools: -1, Parallel: -1, Messages: c.messages[:0]}
	j.Depth1Names(func(name, value int) bool {
		switch c.name(name) {
		case "messages":
			t.List = value
		case "tools":
			t.Tools = value
		case "parallel_tool_calls":
			t.Parallel = value
		}
		return true
	})
	if t.List < 0 || j.Tok[t.List].Kind != record.Array {
		return
	}
	t.Whole = true
	for i, end := t.List+1, j.Next(t.List); i < end; i = j.Next(i) {
		if len(t.Messages) == maxMessages {
			t.TooMany, t.Whole = true, false
			break
		}
		m := c.readMessage(i)
		t.Whole = t.Whole && m.Object
		t.Messages = append(t.Messages, m)
	}
	t.Whole = t.Whole && len(t.Messages) > 0
	c.messages = t.Messages
}

func (c *Context) readMessage(i int) Message {
	j := c.JSON
	m := Message{Tok: i, RoleTok: -1, Content: -1, Weight: -1, ToolCalls: -1, ToolCallID: -1, FunctionCall: -1, Extra: -1}
	if j.Tok[i].Kind != record.Object {
		return m
	}
	m.Object = true
	for name, end := i+1, j.Next(i); name < end; name = j.Next(name + 1) {
		value := name + 1
		switch c.name(name) {
		case "role":
			m.RoleTok, m.Role = value, c.role(value)
		case "content":
			m.Content = value
		case "weight":
			m.Weight = value
		case "tool_calls":
			m.ToolCalls = value
		case "tool_call_id":
			m.ToolCallID = value
		case "function_call":
			m.FunctionCall = value
		case "name", "refusal", "audio":
		default:
			if m.Extra < 0 {
				m.Extra = name
			}
		}
	}
	return m
}

func (c *Context) role(tok int) Role {
	t := &c.JSON.Tok[tok]
	if t.Kind != record.String {
		return RoleNone
	}
	name := c.JSON.Text(tok)
	if t.Flags&record.Escaped != 0 {
		name = c.JSON.Decode(nil, tok)
	}
	switch string(name) {
	case "system":
		return RoleSystem
	case "developer":
		return RoleDeveloper
	case "user":
		return RoleUser
	case "assistant":
		return RoleAssistant
	case "tool":
		return RoleTool
	case "function":
		return RoleFunction
	}
	return RoleNone
}

// name is the string at tok, decoded, for a switch. Names worth knowing are
// short; the conversion of a plain one does not leave the stack.
func (c *Context) name(tok int) string {
	t := &c.JSON.Tok[tok]
	if t.Flags&record.Escaped != 0 {
		return string(c.JSON.Decode(nil, tok))
	}
	if t.End-t.Start > 32 {
		return "\x00" // longer than any name that is known
	}
	return known[string(c.JSON.Raw[t.Start:t.End])]
}

// known interns the names that chat records have, so that reading one
// allocates nothing; others come out empty, which no case matches.
var known = func() map[string]string {
	m := map[string]string{}
	for _, s := range []string{"messages", "tools", "parallel_tool_calls", "role", "content", "weight", "tool_calls",
		"tool_call_id", "function_call", "name", "refusal", "audio", "system", "developer", "user", "assistant", "tool", "function",
		"type", "text", "image_url", "url", "detail", "id", "arguments", "parameters",
		"prompt", "completion", "chosen", "rejected", "input", "preferred_output", "non_preferred_output"} {
		m[s] = s
	}
	return m
}()

// kind of the token, or NumKinds where there is none.
func (c *Context) kind(tok int) record.Kind {
	if tok < 0 {
		return record.NumKinds
	}
	return c.JSON.Tok[tok].Kind
}

// blank tells whether the string at tok is empty or white space only.
func (c *Context) blank(tok int) bool {
	if t := &c.JSON.Tok[tok]; t.N > 0 {
		if b := c.JSON.Raw[t.Start]; b > ' ' && b < utf8.RuneSelf && b != '\\' {
			return false // nearly all are not
		}
	}
	return len(bytes.TrimSpace(c.text(tok))) == 0
}

// text is the string at tok once decoded. It is valid until the next call.
func (c *Context) text(tok int) []byte {
	if c.JSON.Tok[tok].Flags&record.Escaped == 0 {
		return c.JSON.Text(tok)
	}
	c.scratch = c.JSON.Decode(c.scratch[:0], tok)
	return c.scratch
}
