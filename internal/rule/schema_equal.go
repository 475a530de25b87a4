package rule

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"

	"freshet/internal/record"

	"github.com/zeebo/xxh3"
)

// values are those that enum or const allows, by the hash of what they mean:
// 1 is 1.0, and the order of members does not matter.
type values struct {
	keyword string
	shown   string
	hashes  []xxh3.Uint128
}

// newValues are those of the list that are among old, too, where there is one.
func newValues(keyword string, old *values, list []any) (*values, error) {
	out := &values{keyword: keyword}
	var shown []string
	for _, e := range list {
		text, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		v := visit{j: &record.JSON{}, steps: 1 << 30}
		if err := v.j.Parse(text); err != nil {
			return nil, err
		}
		h := v.hash(0)
		if old != nil && !slices.Contains(old.hashes, h) {
			continue
		}
		out.hashes = append(out.hashes, h)
		shown = append(shown, clip(text))
	}
	const most = 10
	if len(shown) > most {
		shown = append(shown[:most], "…")
	}
	out.shown = oneOf(shown)
	if old != nil {
		out.keyword = "enum"
	}
	slices.SortFunc(out.hashes, byHash)
	return out, nil
}

func oneOf(list []string) string {
	switch len(list) {
	case 0:
		return "nothing at all"
	case 1:
		return list[0]
	}
	return "one of " + strings.Join(list, ", ")
}

func (a *values) has(v *visit, tok int) bool {
	_, ok := slices.BinarySearchFunc(a.hashes, v.hash(tok), byHash)
	return ok
}

func byHash(a, b xxh3.Uint128) int { return cmp.Or(cmp.Compare(a.Hi, b.Hi), cmp.Compare(a.Lo, b.Lo)) }

// hash is that of what the value at tok means.
func (v *visit) hash(tok int) xxh3.Uint128 {
	t := &v.j.Tok[tok]
	if !v.pay(1 + int(t.End-t.Start)/bytesPerStep) {
		return xxh3.Uint128{}
	}
	switch t.Kind {
	case record.String:
		return mixed(t.Kind, xxh3.Hash128(v.string(tok)))
	case record.Number:
		return mixed(t.Kind, newDecimal(v.j.Text(tok)).hash())
	case record.Array:
		sum := xxh3.Uint128{}
		for i, end := tok+1, v.j.Next(tok); i < end; i = v.j.Next(i) {
			sum = paired(sum, v.hash(i))
		}
		return mixed(t.Kind, sum)
	case record.Object:
		sum := xxh3.Uint128{}
		last := v.repeated(tok)
		for name, end := tok+1, v.j.Next(tok); name < end; name = v.j.Next(name + 1) {
			if last != nil && last[string(v.string(name))] != name+1 {
				continue
			}
			h := paired(xxh3.Hash128(v.string(name)), v.hash(name+1))
			sum.Lo += h.Lo // in whatever order they come
			sum.Hi += h.Hi
		}
		return mixed(t.Kind, sum)
	}
	return mixed(t.Kind, xxh3.Hash128(v.j.Text(tok)))
}

// paired is the hash of two in their order.
func paired(a, b xxh3.Uint128) xxh3.Uint128 {
	var p [32]byte
	binary.LittleEndian.PutUint64(p[0:], a.Lo)
	binary.LittleEndian.PutUint64(p[8:], a.Hi)
	binary.LittleEndian.PutUint64(p[16:], b.Lo)
	binary.LittleEndian.PutUint64(p[24:], b.Hi)
	return xxh3.Hash128(p[:])
}

func mixed(k record.Kind, h xxh3.Uint128) xxh3.Uint128 { return paired(xxh3.Uint128{Lo: uint64(k)}, h) }
