package main

import (
	"fmt"
	"io"
	"strings"

	"freshet/internal/rule"
)

// docsCmd writes docs/rules.md from the rules themselves.
type docsCmd struct{}

func (docsCmd) Run(e *env) error { return writeRules(e.out) }

func writeRules(w io.Writer) error {
	var b strings.Builder
	b.WriteString(`# Rules

This page is made from the rules themselves: ` + "`make docs`" + `.

A rule of severity **error** fails the file, unless ` + "`max_errors`" + ` tolerates the record; a **warning** is only told.
Rules marked † say that something could not be read; the severity of all others can be set:
` + "`{\"severity\": {\"chat-last-message\": \"error\", \"chat-extra-key\": \"off\"}}`" + `.

## What a client may ask for

| key | type | default | meaning |
|---|---|---|---|
| max_file_size | bytes | none | a larger file is refused, or fails; of a compressed file: as it is sent |
| max_unpacked_bytes | bytes | none | of a compressed file: reading ends there, with an error |
| allowed_formats | list of jsonl, json, csv, tsv, text, parquet | all | of a compressed file: of what is inside |
| min_records, max_records | number | none | |
| max_record_bytes | bytes | 16 MiB | a longer record is a finding; reading goes on after it |
| max_errors | number | 0 | so many bad records are tolerated |
| fail_fast | true, false | false | stop at the first bad record too many |
| schema | auto, none, openai-chat, prompt-completion, preference, text | auto | the first record's names decide |
| required_fields, unique_fields | list of names | none | a dot goes one level down: meta.id |
| allow_blank_lines | true, false | true | |
| max_tokens | number | none | warn of longer chat records, by estimate |
| severity | object | none | error, warning or off for rules by name |
| rule_set | NAME or NAME@VERSION | none | the keys of a set that a server holds; those given beside it come before its own |
| json_schema | JSON Schema, draft 2020-12 | none | see [own-rules.md](own-rules.md) |
| expressions | list of name, expr, severity, message | none | see [own-rules.md](own-rules.md) |
| custom_validation | object | none | the same keys, nested |

An unknown key, a wrong type: 422 with the path of the fault, before any work.
`)
	scope := rule.Scope("")
	for _, r := range rule.All {
		if r.Scope != scope {
			scope = r.Scope
			fmt.Fprintf(&b, "\n## %s\n", strings.ToUpper(string(scope[:1]))+string(scope[1:]))
		}
		mark := ""
		if r.Structural {
			mark = " †"
		}
		_, more, _ := strings.Cut(r.Doc, "\n\n")
		fmt.Fprintf(&b, "\n### %s\n\n%s%s. %s", r.Name, r.Severity, mark, r.Title())
		if more != "" {
			fmt.Fprintf(&b, "\n%s", more)
		}
		if r.Hint != "" {
			fmt.Fprintf(&b, "\n*What to do:* %s.", r.Hint)
		}
		b.WriteString("\n")
	}
	_, err := io.WriteString(w, b.String())
	return err
}
