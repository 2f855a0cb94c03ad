package law

import "strings"

// Place is where a person lives, as the form asks. Catalogue: "place.<code>".
type Place struct {
	Code string // ISO 3166: a country, or a state where states have laws of their own
	Law  string // code of the regime
}

// Places lists all places by code. Instead of the United States there are the
// states; of Canada, Quebec stands beside the rest.
func Places() []Place { return places }

// countries are those of ISO 3166-1 where people live, and Kosovo.
const countries = `
AD AE AF AG AI AL AM AO AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BW BY
BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI
FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GT GU GW GY HK HN HR HT HU ID IE IL IM IN IQ
IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF
MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF
PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST
SV SX SY SZ TC TD TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UY UZ VA VC VE VG VI VN VU WF WS XK YE
YT ZA ZM ZW
`

const states = `
CA-QC US-AK US-AL US-AR US-AZ US-CA US-CO US-CT US-DC US-DE US-FL US-GA US-HI US-IA US-ID US-IL US-IN
US-KS US-KY US-LA US-MA US-MD US-ME US-MI US-MN US-MO US-MS US-MT US-NC US-ND US-NE US-NH US-NJ US-NM
US-NV US-NY US-OH US-OK US-OR US-PA US-RI US-SC US-SD US-TN US-TX US-UT US-VA US-VT US-WA US-WI US-WV
US-WY
`

// elsewhereLaw names the law of places whose code does not tell it. A state of
// the GDPR has "EU-" before its code, a place with a row of its own has that,
// and the rest of the world gets the Generous one.
var elsewhereLaw = map[string]string{
	"GB": "UK", "CA": "CA-FED",
	"AX": "EU-FI", "GF": "EU-FR", "GP": "EU-FR", "MF": "EU-FR", "MQ": "EU-FR", "RE": "EU-FR", "YT": "EU-FR",
	"AS": "US-XX", "GU": "US-XX", "MP": "US-XX", "PR": "US-XX", "VI": "US-XX",
}

var places = func() (all []Place) {
	for _, code := range strings.Fields(countries + states) {
		all = append(all, Place{code, placeLaw(code)})
	}
	return all
}()

func placeLaw(code string) string {
	if law, ok := elsewhereLaw[code]; ok {
		return law
	}
	for _, law := range []string{"EU-" + code, code} {
		if _, ok := regimes[law]; ok {
			return law
		}
	}
	if strings.HasPrefix(code, "US-") {
		return "US-XX"
	}
	return Generous
}

var lawOf = func() map[string]string {
	m := make(map[string]string, len(places))
	for _, p := range places {
		m[p.Code] = p.Law
	}
	return m
}()
