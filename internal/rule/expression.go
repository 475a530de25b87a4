package rule

import "encoding/json"

type Expression struct{ rule *Rule }

func parseExpressions(dst *[]Expression, v json.RawMessage, path string) error { return nil }
