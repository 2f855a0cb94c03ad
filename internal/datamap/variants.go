package datamap

import "strings"

// Variants lists other numbers that may be the same telephone: a country that
// made its mobile numbers longer has people under both. They are candidates and
// no more, as the longer one may be a stranger's by now.
func Variants(e164 string) []string {
	for _, plan := range []struct {
		country string
		at      int    // where the sign stands behind the country code
		sign    string // what was put in
		length  int    // of the shorter national number
	}{
		{"+55", 2, "9", 10}, // Brazil: a nine behind the area
		{"+52", 0, "1", 10}, // Mexico: a one that is not dialled any more
		{"+54", 0, "9", 10}, // Argentina: a nine before the area of mobiles
	} {
		rest, ok := strings.CutPrefix(e164, plan.country)
		if !ok {
			continue
		}
		switch {
		case len(rest) == plan.length:
			return []string{plan.country + rest[:plan.at] + plan.sign + rest[plan.at:]}
		case len(rest) == plan.length+len(plan.sign) && strings.HasPrefix(rest[plan.at:], plan.sign):
			return []string{plan.country + rest[:plan.at] + rest[plan.at+len(plan.sign):]}
		}
	}
	return nil
}
