package law

import "slices"

// Never is something that no copy of data ever contains, whatever staff decide.
// Catalogue: "law.never.<code>" names it, so that the letter can say with
// particularity that it is held without showing it.
type Never struct {
	Code string
	Refs string // "" for what no law lists and every copy leaves out all the same
	Mark Mark
	Laws []string // that list it themselves
}

// NeverDisclose is California's list, applied to everyone, and what else would
// do harm.
var NeverDisclose = []Never{
	{"social_security", ccpaNever, Verified, listed},
	{"government_id", ccpaNever, Verified, listed},
	{"account_number", ccpaNever, Verified, listed},
	{"health_id", ccpaNever, Verified, listed},
	{"password", ccpaNever, Verified, listed},
	{"security_question", ccpaNever, Verified, listed},
	{"biometric", ccpaNever, Verified, listed},
	{"one_time_code", "", Unverified, nil},
	{"token", "", Unverified, nil},
	{"password_hash", "", Unverified, nil},
	{"other_people", "GDPR Art. 15(4)", Unverified, nil},
	{"staff", "CJEU C-579/21", Unverified, nil},
	{"abuse_signal", "", Unverified, nil},
}

const ccpaNever = "11 CCR 7024(d)"

// listed are the laws with such a list; of all but California's that is general
// knowledge.
var listed = []string{"US-CA", "US-CT", "US-MT", "US-MN"}

// Masks are the values that this law itself keeps out of every copy.
func (r Regime) Masks() []Never {
	return slices.DeleteFunc(slices.Clone(NeverDisclose), func(n Never) bool { return !slices.Contains(n.Laws, r.Code) })
}

// Record is how long a law wants the file of a request kept. Catalogue:
// "law.record.<law>".
type Record struct {
	Law    string
	Months int
	Refs   string
	Mark   Mark
}

// Records by law.
var Records = []Record{
	{"US-CA", 24, "11 CCR 7101", Verified},
	{"US-CO", 24, "4 CCR 904-3", Unverified},
	{"EU", 36, "GDPR Art. 5(2)", Unverified},
}

// Difference is where authorities or readings differ. Legal dates follow the
// default, Earliest the other one where it is stricter. Catalogue:
// "law.difference.<code>" and "law.difference.<code>.other".
type Difference struct {
	Code string
	Laws []string // codes or families
	Mark Mark
}

// Differences in the order of the table.
var Differences = []Difference{
	{"D1", []string{"EU", "UK"}, Verified},
	{"D2", []string{"EU", "UK"}, Verified},
	{"D3", []string{"UK"}, Verified},
	{"D4", []string{"UK"}, Verified},
	{"D5", []string{"US-CA"}, Verified},
	{"D6", []string{"US-CA"}, Unverified},
	{"D7", []string{"EU"}, Verified},
	{"D8", []string{"BR"}, Unverified},
	{"D9", []string{"EU", "UK", "CH", "AU", "KR", "CA-FED", "ZA", "SG", "TR", "BR"}, Unverified},
	{"D10", []string{"IN"}, Verified},
}

// Differences are those that touch this law.
func (r Regime) Differences() (list []Difference) {
	for _, d := range Differences {
		for _, law := range d.Laws {
			if r.Is(law) {
				list = append(list, d)
				break
			}
		}
	}
	return list
}
