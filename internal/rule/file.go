package rule

// Rules of every file. Most are found by the engine while it reads, or at the
// end of the file; those on named fields look at each record.

// EmptyFile and its neighbours tell of the file as a whole.
var (
	EmptyFile = &Rule{Name: "empty-file", Label: "Empty file", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file has no bytes.", Hint: "check the program that wrote it"}
	NoRecords = &Rule{Name: "no-records", Label: "No records", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file holds blank lines only, or an empty array.", Hint: "check the program that wrote it"}
	UnknownFormat = &Rule{Name: "unknown-format", Label: "Unknown format", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "The content is not JSON Lines, JSON, CSV, text or Parquet.\n\nThe first bytes are those of a program, an archive, a pickle, a document, an image or another format. The upload is refused (`content-not-allowed`) as soon as they are known, and nothing of it is kept but this report; whatever the name or a declared type says.",
		Hint: "send JSON Lines, CSV or plain text"}
	FormatMismatch = &Rule{Name: "format-mismatch", Label: "Name and content differ", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "The name says one format, the content is another.\n\nThe content decides how the file is read; the name must not lie about it, since trainers choose their reader by the name.",
		Hint: "rename the file, or send the file that was meant"}
	FormatNotAllowed = &Rule{Name: "format-not-allowed", Label: "Format not allowed", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The format is not among `allowed_formats`.", Hint: "convert the file, or allow its format"}
	CompressedDamaged = &Rule{Name: "compressed-damaged", Label: "Damaged compressed data", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "The gzip or zstd data is damaged, cut off, or followed by other bytes.\n\nTold with the byte of the compressed file up to which it was read. The records before it were checked, those behind it not.",
		Hint: "compress the data again and send it again"}
	DecompressionLimit = &Rule{Name: "decompression-limit", Label: "Unpacks to too much", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "Unpacking takes more than is allowed.\n\nAfter the first 8 MiB a file may unpack to 200 times its size at most, and to `max_unpacked_bytes` where that is set; zstd may ask for a window of 8 MiB. Reading stops there, the file is stored as it was sent.",
		Hint: "send it as it is, or compressed less"}
	ParquetDamaged = &Rule{Name: "parquet-damaged", Label: "Damaged Parquet file", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "A Parquet file does not hold what its footer says.\n\nThe footer, the places and counts of all columns, the headers of all pages, and their checksums where they have some. Values are not decoded.",
		Hint: "write the file again, to its end"}
	NotUTF8 = &Rule{Name: "not-utf8", Label: "File is not UTF-8", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "The file is in another encoding than UTF-8.\n\nTold once, from the byte order mark or the pattern of zero bytes of UTF-16 and UTF-32. Records are not checked.",
		Hint: "convert it: iconv -f UTF-16 -t UTF-8"}
	FileTooLarge = &Rule{Name: "file-too-large", Label: "File too large", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file is larger than `max_file_size`.", Hint: "split the file, or raise the limit"}
	TooFewRecords = &Rule{Name: "too-few-records", Label: "Too few records", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file has fewer records than `min_records`.", Hint: "add records, or lower the limit"}
	TooManyRecords = &Rule{Name: "too-many-records", Label: "Too many records", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file has more records than `max_records`.", Hint: "split the file, or raise the limit"}
	RecordTooLong = &Rule{Name: "record-too-long", Label: "Record too long", Severity: Error, Scope: EveryFile, Structural: true,
		Doc:  "A record is longer than `max_record_bytes`, or has more than 2,000,000 JSON values and names.\n\nReading goes on after its end: the next newline, in CSV the next newline outside quotes.",
		Hint: "split the record, or raise max_record_bytes"}
	InvalidUTF8 = &Rule{Name: "invalid-utf8", Label: "Bytes are not UTF-8", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "A record holds bytes that are not UTF-8.", Hint: "save the file as UTF-8"}
	NULByte = &Rule{Name: "nul-byte", Label: "NUL byte", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "A record holds a NUL byte.\n\nA block of them is what a crash leaves in a file whose size was set before its bytes were written.", Hint: "remove it"}
	CRNewlines = &Rule{Name: "cr-newlines", Label: "Lines end with CR alone", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "Lines end with a carriage return alone.\n\nTold once; records are not checked, since every reader would take the file for one line.", Hint: `convert them: tr '\r' '\n'`}
	BlankLine = &Rule{Name: "blank-line", Label: "Blank line", Severity: Error, Scope: EveryFile,
		Doc: "A blank line, where `allow_blank_lines` is false.", Hint: "remove it"}
	DuplicateRecord = &Rule{Name: "duplicate-record", Label: "Duplicate record", Severity: Warning, Scope: EveryFile,
		Doc: "A record is byte for byte the same as an earlier one.\n\nCounted in every file, exactly; reported record by record in files of a training schema.", Hint: "remove it, unless the weight is meant"}
	RequiredField = &Rule{Name: "required-field", Label: "Required field missing", Severity: Error, Scope: EveryFile, Check: checkRequired,
		Doc: "A record lacks one of `required_fields`.\n\nA dot goes one level down: `meta.id`. A field that is null is missing; a CSV column must be in the header and its field not empty.", Hint: "add it to the record"}
	UniqueField = &Rule{Name: "unique-field", Label: "Value not unique", Severity: Error, Scope: EveryFile,
		Doc: "A value of one of `unique_fields` was there before.", Hint: "give each record its own value"}
	MixedSchemas = &Rule{Name: "mixed-schemas", Label: "Mixed record schemas", Severity: Error, Scope: EveryFile, Structural: true,
		Doc: "The file mixes records of different training schemas.\n\nTold once, with the first line of each.", Hint: "put each kind into a file of its own"}
)

func checkRequired(c *Context) {
	for _, name := range c.Options.RequiredFields {
		v, ok := c.Lookup(name)
		switch {
		case !ok:
			c.Report(NoPlace, "field %q is missing", name)
		case c.JSON != nil && c.JSON.Tok[v.Place].Kind.String() == "null":
			c.Report(v.Place, "field %q is null", name)
		case c.CSV != nil && len(v.Text) == 0:
			c.Report(v.Place, "field %q is empty", name)
		}
	}
}
