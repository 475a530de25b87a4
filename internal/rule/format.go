package rule

import "freshet/internal/record"

// Rules of JSON Lines.
var (
	JSONSyntax = &Rule{Name: "json-syntax", Label: "Not valid JSON", Severity: Error, Scope: JSONLines, Structural: true,
		Doc: "A line, or an element of a JSON array, is not JSON (RFC 8259).\n\nAlso what is wrong between the elements of an array: no number of `max_errors` forgives that, since no reader takes the file. Where the next element cannot be told for sure, reading ends."}
	JSONDepth = &Rule{Name: "json-depth", Label: "JSON nested too deep", Severity: Error, Scope: JSONLines, Structural: true,
		Doc: "Arrays and objects nest deeper than 512.", Hint: "flatten the record"}
	NotAnObject = &Rule{Name: "not-an-object", Label: "Not a JSON object", Severity: Error, Scope: JSONLines, Structural: true,
		Doc: "A line or an element of an array is valid JSON, but not an object.\n\nAn error under every schema, `none` included: readers expect named fields.", Hint: "wrap the value in an object"}
	DuplicateKey = &Rule{Name: "duplicate-key", Label: "Name twice in an object", Severity: Warning, Scope: JSONLines, Check: checkDuplicateKeys,
		Doc: "An object has the same name twice.\n\nReaders differ in which of the two they take.", Hint: "keep one of them"}
	NumberRange = &Rule{Name: "number-range", Label: "Number out of range", Severity: Warning, Scope: JSONLines, Check: checkFlag(record.OutOfRange, "the number does not fit a double"),
		Doc: "A number is outside the range of a double.\n\nReaders make it infinite, or refuse the file.", Hint: "write it as a string"}
	LoneSurrogate = &Rule{Name: "lone-surrogate", Label: "Half a surrogate pair", Severity: Warning, Scope: JSONLines, Check: checkFlag(record.LoneSurrogate, "an escape is half of a surrogate pair"),
		Doc: "A string holds half of a surrogate pair.\n\nText was cut in the middle of a character; tokenizers replace or refuse it.", Hint: "write the whole character"}
)

// Rules of CSV.
var (
	CSVColumnCount = &Rule{Name: "csv-column-count", Label: "Wrong number of columns", Severity: Error, Scope: CSV, Structural: true,
		Doc: "A record has more or fewer fields than the header.", Hint: "quote fields that hold the delimiter"}
	CSVStrayQuote = &Rule{Name: "csv-stray-quote", Label: "Stray quote", Severity: Error, Scope: CSV, Structural: true,
		Doc: "A quote stands inside a field that is not quoted.\n\nEvery quote toggles and there is no guessing back into step: what follows is read by that definition, and only the first such error of a file is sure.", Hint: "quote the whole field and write the quote twice"}
	CSVTextAfterQuote = &Rule{Name: "csv-text-after-quote", Label: "Text after a closing quote", Severity: Error, Scope: CSV, Structural: true,
		Doc: "Text follows the closing quote of a field.\n\nOnly the first quoting error of a file is sure.", Hint: "write a quote inside a quoted field as two quotes"}
	CSVUnclosedQuote = &Rule{Name: "csv-unclosed-quote", Label: "Unclosed quote", Severity: Error, Scope: CSV, Structural: true,
		Doc: "A quote is never closed.\n\nTold once, at the place where it opens; the line is that on which its record starts.", Hint: "close it"}
	CSVDuplicateHeader = &Rule{Name: "csv-duplicate-header", Label: "Duplicate column name", Severity: Error, Scope: CSV, Structural: true,
		Doc: "Two columns have the same name.", Hint: "rename one of them"}
	CSVEmptyHeader = &Rule{Name: "csv-empty-header", Label: "Column without a name", Severity: Error, Scope: CSV, Structural: true,
		Doc: "A column has no name.\n\nOften an index that a data frame wrote along.", Hint: "name it, or leave it out (pandas: index=False)"}
	CSVHeaderOnly = &Rule{Name: "csv-header-only", Label: "Header without records", Severity: Error, Scope: CSV, Structural: true,
		Doc: "The file has a header and no records.", Hint: "check the program that wrote it"}
	BareCR = &Rule{Name: "bare-cr", Label: "Bare carriage return", Severity: Error, Scope: CSV,
		Doc: "A carriage return stands alone in a field that is not quoted.", Hint: "end records with a newline, or quote the field"}
)

func checkDuplicateKeys(c *Context) {
	if c.JSON == nil || c.JSON.Shape != nil && c.JSON.Shape.UniqueNames {
		return
	}
	c.JSON.DuplicateNames(func(tok int) {
		c.Report(tok, "the object has the name %q twice", clip(c.JSON.Decode(nil, tok)))
	})
}

func checkFlag(flag uint8, message string) func(*Context) {
	return func(c *Context) {
		if c.JSON == nil || c.JSON.Seen&flag == 0 {
			return
		}
		for i := range c.JSON.Tok {
			if c.JSON.Tok[i].Flags&flag != 0 {
				c.Report(i, "%s", message)
			}
		}
	}
}
