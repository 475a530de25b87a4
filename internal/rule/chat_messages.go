package rule

import (
	"unicode/utf8"

	"freshet/internal/record"
)

// Rules on the list of messages and on roles.
var (
	ChatMessages = &Rule{Name: "chat-messages", Label: "No list of messages", Severity: Error, Scope: OpenAIChat, Check: checkMessages,
		Doc: "`messages` is missing, not a list, or empty.", Hint: `a chat record is {"messages": [{"role": …, "content": …}, …]}`}
	ChatMessageObject = &Rule{Name: "chat-message-object", Label: "Message is not an object", Severity: Error, Scope: OpenAIChat, Check: checkMessageObject,
		Doc: "A message is not an object."}
	ChatRole = &Rule{Name: "chat-role", Label: "Unknown role", Severity: Error, Scope: OpenAIChat, Check: checkRole,
		Doc: "A message has no role, or one that is not known.", Hint: "roles are system, developer, user, assistant, tool, function"}
	ChatExtraKey = &Rule{Name: "chat-extra-key", Label: "Extra key in a message", Severity: Error, Scope: OpenAIChat, Check: checkExtraKey,
		Doc: "A message has a member that does not belong.\n\nOnly role, content, name, weight, tool_calls, tool_call_id, function_call, refusal and audio do. Some vendors ignore others: set the severity to warning or off for them.", Hint: "remove it, or move it out of the message"}
	ChatNoAssistant = &Rule{Name: "chat-no-assistant", Label: "No assistant message", Severity: Error, Scope: OpenAIChat, Check: checkNone(RoleAssistant, 0, "no assistant message: there is nothing to learn"),
		Doc: "A record has no assistant message.", Hint: "add the answer that the model should give"}
	ChatNoSystem = &Rule{Name: "chat-no-system", Label: "No system message", Severity: Warning, Scope: OpenAIChat, Check: checkNone(RoleSystem, RoleDeveloper, "no system message"),
		Doc: "A record has no system (or developer) message.", Hint: "train with the system message that will be used"}
	ChatNoUser = &Rule{Name: "chat-no-user", Label: "No user message", Severity: Warning, Scope: OpenAIChat, Check: checkNone(RoleUser, 0, "no user message"),
		Doc: "A record has no user message.", Hint: "add the question that the answer is for"}
	ChatLastMessage = &Rule{Name: "chat-last-message", Label: "Last message not the assistant's", Severity: Warning, Scope: OpenAIChat, Check: checkLast,
		Doc: "The last message is not the assistant's.\n\nWhat comes after the last answer is not learnt. Some vendors refuse such records: set the severity to error for them.", Hint: "end the record with an assistant message"}
	ChatRepeatedRole = &Rule{Name: "chat-repeated-role", Label: "Same role twice in a row", Severity: Warning, Scope: OpenAIChat, Check: checkRepeated,
		Doc: "Two messages in a row have the same role.\n\nTool messages may follow each other. One vendor refuses such records: set the severity to error for it.", Hint: "join the two messages"}
	ChatFewRecords = &Rule{Name: "chat-few-records", Label: "Fewer than 10 chat records", Severity: Error, Scope: OpenAIChat,
		Doc: "The file has fewer than 10 records.\n\nFine-tuning services refuse such files.", Hint: "add records"}
	ChatTokens = &Rule{Name: "chat-tokens", Label: "Too many tokens", Severity: Warning, Scope: OpenAIChat, Check: checkTokens,
		Doc: "A record is longer than `max_tokens`, by estimate.\n\nOff unless `max_tokens` is set. Four bytes of content are taken for a token.", Hint: "shorten it; services cut what is over the context limit"}
)

func checkMessages(c *Context) {
	switch {
	case c.Chat.List < 0:
		c.Report(NoPlace, "the record has no messages")
	case c.kind(c.Chat.List) != record.Array:
		c.Report(c.Chat.List, "messages is not a list")
	case c.Chat.TooMany:
		c.Report(c.Chat.List, "messages has more than %d elements", maxMessages)
	case len(c.Chat.Messages) == 0:
		c.Report(c.Chat.List, "messages is empty")
	}
}

func checkMessageObject(c *Context) {
	for i := range c.Chat.Messages {
		if m := &c.Chat.Messages[i]; !m.Object {
			c.Report(m.Tok, "a message must be an object, not %s", c.article(m.Tok))
		}
	}
}

func checkRole(c *Context) {
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		switch {
		case !m.Object || m.Role != RoleNone:
		case m.RoleTok < 0:
			c.Report(m.Tok, "the message has no role")
		case c.kind(m.RoleTok) != record.String:
			c.Report(m.RoleTok, "the role is %s, not a string", c.article(m.RoleTok))
		default:
			c.Report(m.RoleTok, "role %q is not known", clip(c.JSON.Decode(nil, m.RoleTok)))
		}
	}
}

func checkExtraKey(c *Context) {
	for i := range c.Chat.Messages {
		if m := &c.Chat.Messages[i]; m.Extra >= 0 {
			c.Report(m.Extra, "a message has no member %q", clip(c.JSON.Decode(nil, m.Extra)))
		}
	}
}

func checkNone(role, or Role, message string) func(*Context) {
	return func(c *Context) {
		if !c.Chat.Whole {
			return
		}
		for i := range c.Chat.Messages {
			if r := c.Chat.Messages[i].Role; r == role || r == or && or != RoleNone {
				return
			}
		}
		c.Report(c.Chat.List, "%s", message)
	}
}

func checkLast(c *Context) {
	if !c.Chat.Whole {
		return
	}
	if m := &c.Chat.Messages[len(c.Chat.Messages)-1]; m.Role != RoleAssistant && m.Role != RoleNone {
		c.Report(m.RoleTok, "the last message is from %s, not from assistant", m.Role)
	}
}

func checkRepeated(c *Context) {
	for i := 1; i < len(c.Chat.Messages); i++ {
		m := &c.Chat.Messages[i]
		if m.Role != RoleNone && m.Role != RoleTool && m.Role == c.Chat.Messages[i-1].Role {
			c.Report(m.RoleTok, "two messages in a row are from %s", m.Role)
		}
	}
}

func checkTokens(c *Context) {
	limit := c.Options.MaxTokens
	if limit == nil || !c.Chat.Whole {
		return
	}
	n := int64(0)
	for i := range c.Chat.Messages {
		if m := &c.Chat.Messages[i]; c.kind(m.Content) == record.String {
			n += int64(c.JSON.Tok[m.Content].N)
		}
	}
	if n = (n + 3) / 4; n > *limit {
		c.Report(c.Chat.List, "about %d tokens, over the limit of %d", n, *limit)
	}
}

func (c *Context) article(tok int) string {
	if c.JSON == nil {
		return "a string" // CSV has nothing else
	}
	return kindWord(c.kind(tok))
}

// kindWord is the kind with its article.
func kindWord(k record.Kind) string {
	switch k {
	case record.Object, record.Array:
		return "an " + k.String()
	case record.Null:
		return "null"
	default:
		return "a " + k.String()
	}
}

// clip shortens what a message quotes.
func clip(p []byte) string {
	const most = 60
	if len(p) <= most {
		return string(p)
	}
	for n := most; ; n-- {
		if utf8.RuneStart(p[n]) {
			return string(p[:n]) + "…"
		}
	}
}
