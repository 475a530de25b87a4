package validate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"freshet/internal/rule"
	"freshet/internal/validate"
)

// TestGuessQuote: wherever a CSV file is cut, the guess is nearly always right.
func TestGuessQuote(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	texts := map[string]func(i int) string{
		"no quotes":  func(i int) string { return fmt.Sprintf("%d,plain words,%d\n", i, i*7) },
		"quoted":     func(i int) string { return fmt.Sprintf("%d,\"words, of \"\"some\"\" length\",%d\n", i, i*7) },
		"all quoted": func(i int) string { return fmt.Sprintf("\"%d\",\"words\",\"%d\"\r\n", i, i*7) },
		"lines in quotes": func(i int) string {
			return fmt.Sprintf("%d,\"first, line\nsecond line\n\n%s\",%d\n", i, strings.Repeat("some more text. ", r.IntN(20)), i)
		},
		"mostly text": func(i int) string {
			return fmt.Sprintf("%d,\"%s\",x\n", i, strings.Repeat("a paragraph, or two\n", 20+r.IntN(200)))
		},
	}
	for what, line := range texts {
		var b bytes.Buffer
		b.WriteString("id,text,n\n")
		for i := 0; b.Len() < 200<<10; i++ {
			b.WriteString(line(i))
		}
		data := b.Bytes()
		p := validate.NewPlan("f.csv", data, true, rule.Defaults(), validate.Config{})
		right, all := 0, 0
		for range 400 {
			cut := 100 + r.IntN(len(data)-20_000)
			inQuote := bytes.Count(data[:cut], []byte(`"`))%2 == 1
			if all++; p.GuessQuote(data[cut:cut+16<<10]) == inQuote {
				right++
			}
		}
		if right < all*99/100 {
			t.Errorf("%s: %d of %d are right", what, right, all)
		}
	}
	text := validate.NewPlan("f.txt", []byte("a\n"), true, rule.Defaults(), validate.Config{})
	csv := validate.NewPlan("f.csv", []byte("a,b\n1,2\n"), true, rule.Defaults(), validate.Config{})
	if text.GuessQuote([]byte("a\",\"b\n")) || csv.GuessQuote(nil) || csv.GuessQuote([]byte("no newline")) || csv.GuessQuote([]byte("\n")) {
		t.Error("without a reason the guess is that it begins outside")
	}
}
