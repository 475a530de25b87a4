package scan

// Verdict is what a test reads an answer by.
var Verdict = verdict
