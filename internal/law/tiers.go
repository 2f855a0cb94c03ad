package law

// Level is how sure we have to be of who asks.
type Level string

const (
	Low        Level = "low"        // control of the channel
	Reasonable Level = "reasonable" // two matching points
	High       Level = "high"       // three, and a signed declaration where the law asks for one
)

// Tier is what a level takes. Catalogue: "law.tier.<level>".
type Tier struct {
	Level       Level
	Points      int  // matching data points at least
	Declaration bool // signed under penalty of perjury, and kept (California)
	Refs        string
	Mark        Mark
}

// Tiers from the lowest up.
var Tiers = []Tier{
	{Level: Low, Refs: "11 CCR 7060", Mark: Unverified},
	{Level: Reasonable, Points: 2, Refs: "11 CCR 7062; GDPR Art. 12(6)", Mark: Unverified},
	{Level: High, Points: 3, Declaration: true, Refs: "11 CCR 7062; GDPR Art. 12(6)", Mark: Unverified},
}

// Needs is the level for a kind of request, and for one that touches what would
// harm most in wrong hands: message content, or what cannot be brought back.
var Needs = map[string]struct{ Usual, Sensitive Level }{
	"access":              {Reasonable, High},
	"portability":         {High, High},
	"correction":          {Reasonable, High},
	"deletion":            {Reasonable, High},
	"restriction":         {Reasonable, Reasonable},
	"objection":           {Low, Reasonable},
	"withdrawal":          {Low, Low}, // as easy as giving it
	"opt_out":             {Low, Low},
	"shortened_retention": {Reasonable, High},
	"subprocessor_list":   {Low, Low},
	"complaint":           {Low, Low},
	"appeal":              {Reasonable, Reasonable},
}

// LevelFor is the level that a request needs; an unknown kind needs the most.
func LevelFor(kind string, sensitive bool) Level {
	n, ok := Needs[kind]
	switch {
	case !ok:
		return High
	case sensitive:
		return n.Sensitive
	}
	return n.Usual
}

// Rule is a rule of verification. Catalogue: "law.verify.<code>".
type Rule struct {
	Code string
	Refs string
	Mark Mark
}

// VerificationRules in the order of law.
var VerificationRules = []Rule{
	{"V1", "GDPR Art. 11(2), 12(2), (6); EDPB Guidelines 01/2022", Partly},
	{"V2", "11 CCR 7062", Unverified},
	{"V3", "11 CCR 7060(d), (e), (h), 7061(a)", Partly},
	{"V4", "11 CCR 7024(a), (b)", Verified},
	{"V5", "11 CCR 7063; UK GDPR Art. 12A", Verified},
	{"V6", "Civ. Code 1798.145(p)", Unverified},
	{"V7", "ICO, requests for a child’s data", Verified},
	{"V8", "–", Unverified},
	{"V9", "–", Unverified},
}
