package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"freshet/api"
)

// printReport shows a report to a person.
func printReport(w io.Writer, r *api.Report) error {
	fmt.Fprintf(w, "%s\n", clean(r.FileName))
	fmt.Fprintf(w, "  %s   %s, %s, newline %s", strings.ToUpper(r.Verdict), describeFormat(r), r.Encoding, r.Newline)
	if r.BOM {
		fmt.Fprint(w, ", byte order mark")
	}
	fmt.Fprintf(w, "\n  %s", size(r.Bytes))
	if r.UnpackedBytes != nil {
		fmt.Fprintf(w, ", unpacked %s", size(*r.UnpackedBytes))
	}
	fmt.Fprintf(w, "   %s records   %s lines", thousands(r.Records), thousands(r.Lines))
	if r.DuplicateRecords != nil {
		fmt.Fprintf(w, "   %s duplicates", thousands(*r.DuplicateRecords))
	}
	fmt.Fprintf(w, "\n  %s errors in %s records, %s warnings\n", thousands(r.Errors), thousands(r.RecordsWithErrors), thousands(r.Warnings))
	if len(r.ByRule) > 0 {
		fmt.Fprintln(w)
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		for _, k := range r.ByRule {
			fmt.Fprintf(t, "  %s\t%s\t%s\n", k.Severity, k.Rule, thousands(k.Count))
		}
		t.Flush()
	}
	const most = 20
	for i, f := range r.Findings {
		if i == most {
			fmt.Fprintf(w, "\n  … %s more; freshet report --all %s\n", thousands(r.Errors+r.Warnings-most), r.FileID)
			break
		}
		fmt.Fprintf(w, "\n  line %s, column %s  %s\n    %s", thousands(f.Line), thousands(f.Column), f.Rule, clean(f.Message))
		if f.Path != "" {
			fmt.Fprintf(w, "  at %s", clean(f.Path))
		}
		fmt.Fprintln(w)
		if f.Excerpt != "" {
			fmt.Fprintf(w, "    | %s\n", f.Excerpt)
		}
		if f.Hint != "" {
			fmt.Fprintf(w, "    hint: %s\n", f.Hint)
		}
	}
	return printFields(w, r)
}

func printFields(w io.Writer, r *api.Report) error {
	if len(r.Fields) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  FIELD\tPRESENT\tNULL\tEMPTY\tTYPES\tDISTINCT\tLENGTH p50/p95/max\tTOP")
	for _, f := range r.Fields {
		types := ""
		for _, k := range []string{"object", "array", "string", "number", "boolean", "null"} {
			if f.Types[k] > 0 {
				types += "," + k
			}
		}
		length := ""
		if f.Length != nil {
			length = fmt.Sprintf("%s/%s/%s", thousands(f.Length.P50), thousands(f.Length.P95), thousands(f.Length.Max))
		}
		var top []string
		for _, v := range f.Top {
			if len(top) == 3 {
				break
			}
			s := clean(v.Value)
			if r := []rune(s); len(r) > 16 {
				s = string(r[:16]) + "…"
			}
			top = append(top, fmt.Sprintf("%s (%s)", s, thousands(v.Count)))
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", clean(f.Path), thousands(f.Present), thousands(f.Null), thousands(f.Empty), strings.TrimPrefix(types, ","), thousands(f.Distinct), length, strings.Join(top, ", "))
	}
	return t.Flush()
}
