package rule

// IBAN finds numbers of bank accounts.
var IBAN = &Rule{Name: "iban", Label: "Bank account number (IBAN)", Severity: Off, Scope: Content, Scan: scanIBAN, Needs: hasDigit, Private: true,
	Doc: "A value holds the number of a bank account (IBAN).\n\nOf the length that its country has, with check digits that are right; in one piece or in groups of four.", Hint: "remove it"}

// ibanLength of the countries that have them.
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BI": 27, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DJ": 27, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FK": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32, "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25,
	"MC": 27, "MD": 24, "ME": 22, "MK": 19, "MN": 20, "MR": 27, "MT": 31, "MU": 30, "NI": 28, "NL": 18, "NO": 15, "OM": 23, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29,
	"RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SD": 18, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "SO": 23, "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29,
	"VA": 22, "VG": 24, "XK": 20, "YE": 30,
}

func scanIBAN(v *Scanned) {
	p := v.Text
	for i := 2; i+1 < len(p); i++ { // p[i] and p[i+1] are the check digits
		if !isDigit(p[i]) || !isDigit(p[i+1]) || !isUpper(p[i-1]) || !isUpper(p[i-2]) || isAlnum(before(p, i-2)) {
			continue
		}
		n := ibanLength[string(p[i-2:i])]
		if n == 0 {
			continue
		}
		if end, ok := readIBAN(p, i-2, n); ok {
			v.found(Span{i - 2, end}, "an IBAN, the number of a bank account")
			i = end
		}
	}
}

// readIBAN reads n letters and digits from p[i], whole or in groups of four, and
// tells whether their check digits are right.
func readIBAN(p []byte, i, n int) (end int, ok bool) {
	var code [34]byte
	grouped := after(p, i+4) == ' '
	for k := range n {
		if grouped && k > 0 && k%4 == 0 {
			if after(p, i) != ' ' {
				return 0, false
			}
			i++
		}
		c := after(p, i)
		if !isDigit(c) && !isUpper(c) {
			return 0, false
		}
		code[k] = c
		i++
	}
	if isAlnum(after(p, i)) {
		return 0, false
	}
	rest := 0
	for k := range n { // the first four come last
		if c := code[(k+4)%n]; isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return i, rest == 1
}
