package law

// Never is something that no copy of data ever contains, whatever staff decide.
// Catalogue: "law.never.<code>" names it, so that the letter can say with
// particularity that it is held without showing it.
type Never struct {
	Code string
	Refs string // "" for what no law lists and every copy leaves out all the same
	Mark Mark
}

// NeverDisclose is California's list, applied to everyone, and what else would
// do harm.
var NeverDisclose = []Never{
	{"social_security", ccpaNever, Verified},
	{"government_id", ccpaNever, Verified},
	{"account_number", ccpaNever, Verified},
	{"health_id", ccpaNever, Verified},
	{"password", ccpaNever, Verified},
	{"security_question", ccpaNever, Verified},
	{"biometric", ccpaNever, Verified},
	{"one_time_code", "", Unverified},
	{"token", "", Unverified},
	{"password_hash", "", Unverified},
	{"other_people", "GDPR Art. 15(4)", Unverified},
	{"staff", "CJEU C-579/21", Unverified},
	{"abuse_signal", "", Unverified},
}

const ccpaNever = "11 CCR 7024(d)"

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
