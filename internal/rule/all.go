package rule

// All is every rule there is, in the order of the docs.
var All = []*Rule{
	EmptyFile, NoRecords, UnknownFormat, FormatMismatch, FormatNotAllowed, CompressedDamaged, DecompressionLimit, ParquetDamaged, NotUTF8, FileTooLarge,
	TooFewRecords, TooManyRecords, RecordTooLong, InvalidUTF8, NULByte, CRNewlines, BlankLine,
	DuplicateRecord, RequiredField, UniqueField, MixedSchemas, JSONSchema,

	JSONSyntax, JSONDepth, NotAnObject, DuplicateKey, NumberRange, LoneSurrogate,

	CSVColumnCount, CSVStrayQuote, CSVTextAfterQuote, CSVUnclosedQuote, CSVDuplicateHeader,
	CSVEmptyHeader, CSVHeaderOnly, BareCR, CSVFormula,

	ChatMessages, ChatMessageObject, ChatRole, ChatExtraKey, ChatContent, ChatContentPart,
	ChatContentMixed, ChatNoAssistant, ChatLastMessage, ChatNoSystem, ChatNoUser, ChatRepeatedRole,
	ChatWeight, ChatTools, ChatToolCall, ChatToolCallID, ChatImage, ChatParallelToolCalls,
	ChatEmptyAssistant, ChatFewRecords, ChatTokens,

	PromptCompletionFields, PromptCompletionEmpty,
	PreferenceFields, PreferenceInput, PreferenceOutput, PreferenceEqual,
	TextField, TextEmpty,

	Secret, Email, CardNumber, IBAN, USSSN, HiddenUnicode, HTML,
}
