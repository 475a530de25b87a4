package rule

import (
	"bytes"

	"freshet/internal/record"
)

// Rules on what messages say.
var (
	ChatContent = &Rule{Name: "chat-content", Label: "Content missing or wrong", Severity: Error, Scope: OpenAIChat, Check: checkContent,
		Doc: "A message's content is missing or of the wrong type.\n\nIt is a string or a list of typed parts. It may be null or missing only on an assistant message that has tool_calls or function_call.", Hint: "give the message a content"}
	ChatContentPart = &Rule{Name: "chat-content-part", Label: "Unknown content part", Severity: Error, Scope: OpenAIChat, Check: checkContentPart,
		Doc: "A part of a content list is not a text or an image_url.", Hint: `parts are {"type": "text", "text": …} or {"type": "image_url", "image_url": {"url": …}}`}
	ChatContentMixed = &Rule{Name: "chat-content-mixed", Label: "Contents of two kinds", Severity: Error, Scope: OpenAIChat,
		Doc: "The file has contents that are strings and contents that are lists of parts.\n\nTold once, with the first line of each; typed loaders take the first for the type of all.", Hint: "write all contents in one way"}
	ChatEmptyAssistant = &Rule{Name: "chat-empty-assistant", Label: "Empty assistant message", Severity: Warning, Scope: OpenAIChat, Check: checkEmptyAssistant,
		Doc: "An assistant message's content is empty or white space.", Hint: "remove the record, or write the answer"}
	ChatImage = &Rule{Name: "chat-image", Label: "Image not allowed", Severity: Error, Scope: OpenAIChat, Check: checkImages,
		Doc: "An image breaks the rules for images.\n\nOn user messages only; an http or https URL, or a base64 data URI of jpeg, png or webp; at most 10 in a record; at most 10 MB each."}
)

func checkContent(c *Context) {
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		if !m.Object {
			continue
		}
		switch c.kind(m.Content) {
		case record.String:
		case record.Array:
			if c.JSON.Next(m.Content) == m.Content+1 {
				c.Report(m.Content, "the content is an empty list")
			}
		case record.Null, record.NumKinds:
			if m.Role == RoleAssistant && (m.ToolCalls >= 0 || m.FunctionCall >= 0) {
				continue
			}
			if m.Content < 0 {
				c.Report(m.Tok, "the message has no content")
			} else {
				c.Report(m.Content, "the content is null")
			}
		default:
			c.Report(m.Content, "the content is %s, not a string or a list", c.article(m.Content))
		}
	}
}

func checkContentPart(c *Context) {
	c.parts(func(_ *Message, part int) {
		if c.kind(part) != record.Object {
			c.Report(part, "a part must be an object, not %s", c.article(part))
			return
		}
		typ := c.JSON.Member(part, "type")
		switch {
		case c.kind(typ) != record.String:
			c.Report(part, "the part has no type")
		case c.JSON.Is(typ, "text"):
			if text := c.JSON.Member(part, "text"); c.kind(text) != record.String {
				c.Report(part, "the text part has no text")
			}
		case c.JSON.Is(typ, "image_url"):
		default:
			c.Report(typ, "part type %q is not known", clip(c.JSON.Decode(nil, typ)))
		}
	})
}

// parts calls f with every part of every content that is a list.
func (c *Context) parts(f func(m *Message, part int)) {
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		if c.kind(m.Content) != record.Array {
			continue
		}
		for p, end := m.Content+1, c.JSON.Next(m.Content); p < end; p = c.JSON.Next(p) {
			f(m, p)
		}
	}
}

func checkEmptyAssistant(c *Context) {
	for i := range c.Chat.Messages {
		m := &c.Chat.Messages[i]
		if m.Role == RoleAssistant && c.kind(m.Content) == record.String && m.ToolCalls < 0 && m.FunctionCall < 0 && c.blank(m.Content) {
			c.Report(m.Content, "the assistant says nothing")
		}
	}
}

const (
	maxImages     = 10
	maxImageBytes = 10_000_000
)

func checkImages(c *Context) {
	n := 0
	c.parts(func(m *Message, part int) {
		if c.kind(part) != record.Object {
			return
		}
		if typ := c.JSON.Member(part, "type"); typ < 0 || !c.JSON.Is(typ, "image_url") {
			return
		}
		if n++; n == maxImages+1 {
			c.Report(part, "more than %d images in one record", maxImages)
		}
		if m.Role != RoleUser && m.Role != RoleNone {
			c.Report(part, "an image on a message from %s; only user messages may have one", m.Role)
		}
		url := c.JSON.Member(part, "image_url")
		if c.kind(url) == record.Object {
			url = c.JSON.Member(url, "url")
		}
		if c.kind(url) != record.String {
			c.Report(part, "the image has no url")
			return
		}
		if why := badImage(c.text(url)); why != "" {
			c.Report(url, "%s", why)
		}
	})
}

func badImage(u []byte) string {
	if scheme := bytes.ToLower(u[:min(len(u), 8)]); bytes.HasPrefix(scheme, []byte("https://")) || bytes.HasPrefix(scheme, []byte("http://")) {
		return ""
	}
	body, ok := bytes.CutPrefix(u, []byte("data:image/"))
	if !ok {
		return "the image is neither an http(s) URL nor a data URI"
	}
	kind, data, ok := bytes.Cut(body, []byte(";base64,"))
	if !ok {
		return "the image's data URI is not base64"
	}
	switch string(kind) {
	case "jpeg", "png", "webp":
	default:
		return "an image must be jpeg, png or webp"
	}
	if len(data)/4*3 > maxImageBytes {
		return "the image is larger than 10 MB"
	}
	return ""
}
