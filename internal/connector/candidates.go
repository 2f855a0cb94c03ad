package connector

import (
	"cmp"
	"context"
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxCandidates is what one way of looking may bring: nobody reads through more.
const maxCandidates = 200

// Why a row is a candidate.
const (
	WhyCandidate = "candidate" // a proved identifier, in a column that proves nothing
	WhyVariant   = "variant"   // a number as it was written before its country changed it
	WhyClaimed   = "claimed"   // an identifier that was typed, not proved
	WhyName      = "name"      // the name that was typed
)

// candidates finds the rows that may be the subject. What is typed and not
// proved is looked for here and nowhere else.
func (v *resolver) candidates(ctx context.Context) ([]Candidate, error) {
	out := []Candidate{}
	if v.r.Who.Organization {
		return out, nil
	}
	claimed := v.claimed()
	for _, root := range v.s.m.Person {
		look := func(k datamap.Match, why string, values []string) error {
			found, err := v.search(ctx, root, k, values, maxCandidates)
			for _, h := range found {
				out = v.offer(out, Candidate{Table: root.Table, Key: h.key[0], By: k.By, Tenant: h.tenant, Why: why})
			}
			return err
		}
		for _, k := range root.Match {
			if err := look(k, WhyClaimed, claimed[k.By]); err != nil {
				return nil, err
			}
		}
		for _, k := range root.Candidates {
			why, all := WhyCandidate, slices.Concat(v.r.Values[k.By], claimed[k.By])
			if v.s.m.Normalisers[k.By].Kind == datamap.Name {
				why = WhyName
			}
			var other []string
			if k.Variants {
				for _, number := range all {
					other = append(other, datamap.Variants(number)...)
				}
			}
			if err := cmp.Or(look(k, why, v.r.Values[k.By]), look(k, cmp.Or(nameOnly(why), WhyClaimed), claimed[k.By]), look(k, WhyVariant, other)); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func nameOnly(why string) string {
	if why == WhyName {
		return why
	}
	return ""
}

// claimed are the normal forms of what was typed; a name is of every kind that
// is normalised as one.
func (v *resolver) claimed() map[string][]string {
	out := map[string][]string{}
	for kind, n := range v.s.m.Normalisers {
		typed := v.r.Who.Claimed[kind]
		if n.Kind == datamap.Name {
			typed = cmp.Or(typed, v.r.Who.Name)
		}
		if normal := n.Normal(typed, v.s.m.Store.Region); normal != "" && !slices.Contains(v.r.Values[kind], normal) {
			out[kind] = []string{normal}
		}
	}
	return out
}

// offer adds a candidate unless the row is the subject's already, was decided
// about, or stands there for a better reason.
func (v *resolver) offer(all []Candidate, c Candidate) []Candidate {
	known := slices.Contains(v.r.Keys[c.Table], c.Key) || slices.Contains(v.r.Who.Exclude, c.ref()) ||
		slices.ContainsFunc(all, func(other Candidate) bool { return other.Table == c.Table && other.Key == c.Key })
	if known {
		return all
	}
	return append(all, c)
}
