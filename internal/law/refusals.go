package law

import "slices"

// Refusal is a ground for not giving something, with the articles by law.
// Catalogue: "law.refusal.<code>" in short, "law.refusal.<code>.why" as the
// letter says it to the person, "law.refusal.<code>.also" for what the letter
// must add, where there is something.
type Refusal struct {
	Code  string
	Law   []Basis
	Kinds []string // of requests that it can answer; nil for all
	Also  bool     // the letter must add something, see above
	Local bool     // it exists under the laws that it names only
	Mark  Mark
}

// Basis is where a law allows it: Law is a Regime's code or family.
type Basis struct{ Law, Article string }

// LetterSays is what every letter that refuses or limits says, in this order.
// Catalogue: "law.letter.<part>".
var LetterSays = []string{"reason", "law", "given", "appeal", "court", "date"}

var (
	eraseKinds = []string{"deletion", "shortened_retention"}
	copyKinds  = []string{"access", "portability"}
)

// Refusals in the order of screens.
var Refusals = []Refusal{
	{Code: "ID_NOT_VERIFIED", Law: []Basis{{"EU", "GDPR Art. 12(2), (6)"}, {"UK", "UK GDPR Art. 12(2), (6)"}, {"US-CA", "11 CCR 7024(a)"}}, Also: true, Mark: Verified},
	{Code: "NOT_CONTROLLER", Law: []Basis{{"EU", "GDPR Art. 28(3)(e)"}, {"UK", "UK GDPR Art. 28(3)(e)"}, {"US-CA", "11 CCR 7050"}, {"BR", "LGPD Art. 18 § 4"}}, Also: true, Mark: Unverified},
	{Code: "NO_DATA_HELD", Law: []Basis{{"EU", "GDPR Art. 15(1)"}, {"UK", "UK GDPR Art. 15(1)"}}, Mark: Unverified},
	{Code: "MANIFESTLY_UNFOUNDED", Law: []Basis{{"EU", "GDPR Art. 12(5)"}, {"UK", "UK GDPR Art. 12(5)"}, {"US-CA", "Civ. Code 1798.145(h)(3)"}}, Also: true, Mark: Verified},
	{Code: "EXCESSIVE", Law: []Basis{{"EU", "GDPR Art. 12(5)"}, {"UK", "UK GDPR Art. 12(5)"}, {"US-CA", "Civ. Code 1798.145(h)(3)"}, {"AR", "Law 25.326 Art. 14.3"}}, Also: true, Mark: Verified},
	{Code: "ABUSE", Local: true, Law: []Basis{{"EU", "GDPR Art. 12(5); CJEU C-526/24"}}, Also: true, Mark: Verified},
	{Code: "THIRD_PARTY_RIGHTS", Law: []Basis{{"EU", "GDPR Art. 15(4), 20(4)"}, {"UK", "UK GDPR Art. 15(4), 20(4)"}, {"CA-FED", "PIPEDA s. 9(1)"}}, Kinds: copyKinds, Also: true, Mark: Verified},
	{Code: "TRADE_SECRET", Law: []Basis{{"EU", "GDPR rec. 63"}, {"UK", "UK GDPR rec. 63"}, {"BR", "LGPD Art. 19 II"}}, Kinds: copyKinds, Mark: Unverified},
	{Code: "PRIVILEGE", Law: []Basis{{"CA-FED", "PIPEDA s. 9(3)(a)"}}, Kinds: copyKinds, Mark: Unverified},
	{Code: "NEVER_DISCLOSE", Law: []Basis{{"US-CA", "11 CCR 7024(d)"}}, Kinds: copyKinds, Also: true, Mark: Verified},
	{Code: "NATIONAL_LIMIT", Law: []Basis{{"EU", "GDPR Art. 23"}, {"UK", "DPA 2018 Sch. 2"}}, Mark: Unverified},
	{Code: "FEE_UNPAID", Law: []Basis{{"EU", "GDPR Art. 12(5)"}, {"UK", "UK GDPR Art. 12(5)"}, {"CH", "DPO Art. 19(3)"}}, Also: true, Mark: Verified},
	{Code: "LEGAL_RETENTION", Law: []Basis{{"EU", "GDPR Art. 17(3)(b)"}, {"UK", "UK GDPR Art. 17(3)(b)"}, {"US-CA", "Civ. Code 1798.105(d)(8)"}}, Kinds: eraseKinds, Also: true, Mark: Unverified},
	{Code: "LEGAL_CLAIMS", Law: []Basis{{"EU", "GDPR Art. 17(3)(e), 18(2)"}, {"UK", "UK GDPR Art. 17(3)(e), 18(2)"}}, Kinds: []string{"deletion", "restriction", "objection", "shortened_retention"}, Mark: Unverified},
	{Code: "HOLD", Law: []Basis{{"EU", "GDPR Art. 17(3)(e), 18(2)"}, {"UK", "UK GDPR Art. 17(3)(e), 18(2)"}}, Kinds: []string{"deletion", "correction", "shortened_retention"}, Also: true, Mark: Unverified},
	{Code: "FREE_EXPRESSION", Law: []Basis{{"EU", "GDPR Art. 17(3)(a)"}, {"UK", "UK GDPR Art. 17(3)(a)"}}, Kinds: eraseKinds, Mark: Unverified},
	{Code: "HEALTH", Law: []Basis{{"EU", "GDPR Art. 17(3)(c)"}, {"UK", "UK GDPR Art. 17(3)(c)"}}, Kinds: eraseKinds, Mark: Unverified},
	{Code: "ARCHIVE", Law: []Basis{{"EU", "GDPR Art. 17(3)(d)"}, {"UK", "UK GDPR Art. 17(3)(d)"}}, Kinds: eraseKinds, Mark: Unverified},
	{Code: "CONTRACT_NEEDED", Law: []Basis{{"EU", "GDPR Art. 17(1)(a)"}, {"UK", "UK GDPR Art. 17(1)(a)"}, {"US-CA", "Civ. Code 1798.105(d)(1)"}}, Kinds: eraseKinds, Mark: Unverified},
	{Code: "SECURITY_DEBUG", Local: true, Law: []Basis{{"US-CA", "Civ. Code 1798.105(d)(2), (3)"}}, Kinds: eraseKinds, Mark: Unverified},
	{Code: "OVERRIDING_GROUNDS", Law: []Basis{{"EU", "GDPR Art. 21(1)"}, {"UK", "UK GDPR Art. 21(1)"}}, Kinds: []string{"objection"}, Also: true, Mark: Unverified},
	{Code: "DATA_ACCURATE", Law: []Basis{{"EU", "GDPR Art. 16"}, {"UK", "UK GDPR Art. 16"}, {"AU", "APP 13.4"}, {"NZ", "Privacy Act 2020 s. 64"}, {"US-CA", "11 CCR 7023"}}, Kinds: []string{"correction"}, Also: true, Mark: Unverified},
	{Code: "PORT_NOT_PROVIDED", Law: []Basis{{"EU", "GDPR Art. 20(1)"}, {"UK", "UK GDPR Art. 20(1)"}}, Kinds: []string{"portability"}, Also: true, Mark: Unverified},
	{Code: "PORT_BASIS", Law: []Basis{{"EU", "GDPR Art. 20(1)"}, {"UK", "UK GDPR Art. 20(1)"}}, Kinds: []string{"portability"}, Also: true, Mark: Unverified},
	{Code: "TECH_INFEASIBLE", Law: []Basis{{"EU", "GDPR Art. 20(2)"}, {"UK", "UK GDPR Art. 20(2)"}}, Kinds: []string{"portability"}, Also: true, Mark: Unverified},
	{Code: "DEIDENTIFIED", Law: []Basis{{"US-CA", "11 CCR 7060(g)"}, {"EU", "GDPR Art. 11(2)"}, {"UK", "UK GDPR Art. 11(2)"}}, Also: true, Mark: Verified},
	{Code: "FRAUD_SUSPECTED", Local: true, Law: []Basis{{"US-UT", "Utah Code 13-61-203(2)(d)"}, {"US-OR", "ORS 646A.576"}}, Mark: Verified},
	{Code: "OUT_OF_SCOPE_PERSON", Local: true, Law: []Basis{{"US", "§ “consumer”"}}, Mark: Unverified},
}

// RefusalOf finds a ground by its code.
func RefusalOf(code string) (Refusal, bool) {
	i := slices.IndexFunc(Refusals, func(f Refusal) bool { return f.Code == code })
	if i < 0 {
		return Refusal{}, false
	}
	return Refusals[i], true
}

// Article is where this regime allows the ground: its own article, else its
// family's, else none.
func (f Refusal) Article(r Regime) string {
	for _, of := range []string{r.Code, r.Family} {
		for _, b := range f.Law {
			if of != "" && b.Law == of {
				return b.Article
			}
		}
	}
	return ""
}

// Answers says whether the ground can answer that kind of request.
func (f Refusal) Answers(kind string) bool { return f.Kinds == nil || slices.Contains(f.Kinds, kind) }

// Refusals lists the grounds that can answer a kind of request under this law,
// those that the law names an article for first.
func (r Regime) Refusals(kind string) []Refusal {
	var named, others []Refusal
	for _, f := range Refusals {
		switch {
		case !f.Answers(kind):
		case f.Article(r) != "":
			named = append(named, f)
		case !f.Local:
			others = append(others, f)
		}
	}
	return append(named, others...)
}
