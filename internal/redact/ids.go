package redact

import (
	"slices"
	"strings"
)

// Check digits of the numbers that states and banks give. A number whose
// digits check is masked without a word before it, where the check is strong
// or the shape its own.

func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		v := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0 && len(d) > 0
}

// issued says whether payment cards begin like this.
func issued(d string) bool {
	two, three, four := number0(d[:2]), number0(d[:3]), number0(d[:4])
	switch n := len(d); {
	case d[0] == '4':
		return n == 16 || n == 19 // those of 13 are gone, and German goods have their numbers
	case two >= 51 && two <= 55, four >= 2221 && four <= 2720:
		return n == 16
	case two == 34, two == 37:
		return n == 15
	case two == 36, two == 38, three >= 300 && three <= 305:
		return n == 14 || n == 16
	case four == 6011, two == 65, three >= 644 && three <= 649, four >= 3528 && four <= 3589, two == 62, two == 60:
		return n >= 16
	case two == 50, two >= 56 && two <= 58, two == 63, two == 67:
		return n >= 16
	}
	return false
}

func number0(d string) int {
	n := 0
	for i := range len(d) {
		n = n*10 + int(d[i]-'0')
	}
	return n
}

// mod97 is the check of IBANs: the head moved behind, letters as numbers.
func mod97(s string) int {
	m := 0
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			m = (m*10 + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			m = (m*100 + int(c-'A') + 10) % 97
		default:
			return -1
		}
	}
	return m
}

func iban(s string) bool { return len(s) >= 15 && mod97(s[4:]+s[:4]) == 1 }

// ibanLengths by country.
var ibanLengths = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27, "GT": 28,
	"HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24,
	"RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}

func weighted(d string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += int(d[i]-'0') * w
	}
	return sum
}

func same(d string) bool { return strings.Count(d, d[:1]) == len(d) }

// ssn is of the United States: no check digit, but numbers that none has.
func ssn(d string) bool {
	return len(d) == 9 && d[:3] != "000" && d[:3] != "666" && d[0] != '9' && d[3:5] != "00" && d[5:] != "0000"
}

// steuerID is Germany's: ISO 7064, and among ten digits one stands twice or
// three times.
func steuerID(d string) bool {
	if len(d) != 11 || d[0] == '0' {
		return false
	}
	var count [10]int
	product := 10
	for i := range 10 {
		v := int(d[i] - '0')
		count[v]++
		sum := (v + product) % 10
		if sum == 0 {
			sum = 10
		}
		product = sum * 2 % 11
	}
	twice := 0
	for _, n := range count {
		if n > 3 {
			return false
		}
		if n > 1 {
			twice++
		}
	}
	return twice == 1 && (11-product)%10 == int(d[10]-'0')
}

func cpf(d string) bool {
	if len(d) != 11 || same(d) {
		return false
	}
	one := weighted(d, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	two := weighted(d, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) * 10 % 11 % 10
	return one == int(d[9]-'0') && two == int(d[10]-'0')
}

func cnpj(d string) bool {
	if len(d) != 14 || same(d) {
		return false
	}
	check := func(weights ...int) int {
		if m := weighted(d, weights...) % 11; m > 1 {
			return 11 - m
		}
		return 0
	}
	return check(5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2) == int(d[12]-'0') && check(6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2) == int(d[13]-'0')
}

// dni is Spain's for citizens and foreigners.
func dni(s string) bool {
	if len(s) != 9 {
		return false
	}
	if i := strings.IndexByte("XYZ", s[0]); i >= 0 {
		s = string(rune('0'+i)) + s[1:]
	}
	return figuresOnly(s[:8]) && s[8] == "TRWAGMYFPDXBNJZSQVHLCKE"[number0(s[:8])%23]
}

func figuresOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
func lettersOnly(s string) bool {
	return s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

// codiceFiscale is Italy's.
func codiceFiscale(s string) bool {
	if len(s) != 16 || !lettersOnly(s[:6]) || !lettersOnly(s[8:9]) || !lettersOnly(s[11:12]) || !lettersOnly(s[15:]) {
		return false
	}
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		v := int(s[i]) - 'A'
		if s[i] >= '0' && s[i] <= '9' {
			v = int(s[i] - '0')
		}
		if v < 0 || v > 25 {
			return false
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return s[15] == byte('A'+sum%26)
}

// nir is France's number of social security, with its key.
func nir(d string) bool {
	if len(d) != 15 || strings.IndexByte("123478", d[0]) < 0 {
		return false
	}
	month := number0(d[3:5])
	return (month >= 1 && month <= 12 || month >= 20 && month <= 42 || month >= 50) && 97-number0(d[:13])%97 == number0(d[13:])
}

var (
	dihedral = [10]string{"0123456789", "1234067895", "2340178956", "3401289567", "4012395678", "5987604321", "6598710432", "7659821043", "8765932104", "9876543210"}
	permuted = [8]string{"0123456789", "1576283094", "5803796142", "8916043527", "9453126870", "4286573901", "2793806415", "7046913258"}
)

// verhoeff is the check of India's Aadhaar.
func verhoeff(d string) bool {
	c := byte('0')
	for i := range len(d) {
		c = dihedral[c-'0'][permuted[i%8][d[len(d)-1-i]-'0']-'0']
	}
	return c == '0'
}

func aadhaar(d string) bool { return len(d) == 12 && d[0] > '1' && verhoeff(d) && !same(d) }

func pesel(d string) bool {
	if len(d) != 11 {
		return false
	}
	month, day := number0(d[2:4])%20, number0(d[4:6])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && (10-weighted(d, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10 == int(d[10]-'0')
}

// kimlik is Turkey's.
func kimlik(d string) bool {
	if len(d) != 11 || d[0] == '0' {
		return false
	}
	odd, even := weighted(d, 1, 0, 1, 0, 1, 0, 1, 0, 1), weighted(d, 0, 1, 0, 1, 0, 1, 0, 1)
	ten := ((odd*7-even)%10 + 10) % 10
	return ten == int(d[9]-'0') && (odd+even+ten)%10 == int(d[10]-'0')
}

// ahv is Switzerland's: an EAN of its own country code.
func ahv(d string) bool {
	return len(d) == 13 && d[:3] == "756" && (10-weighted(d, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3)%10)%10 == int(d[12]-'0')
}

// nino is of the United Kingdom.
func nino(s string) bool {
	return len(s) == 9 && lettersOnly(s[:2]) && figuresOnly(s[2:8]) && strings.IndexByte("ABCD", s[8]) >= 0 &&
		!strings.ContainsAny(s[:2], "DFIQUV") && s[1] != 'O' && !slices.Contains([]string{"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"}, s[:2])
}

// kvnr is a German number of health insurance: a letter and nine digits.
func kvnr(s string) bool {
	if len(s) != 10 || !lettersOnly(s[:1]) || !figuresOnly(s[1:]) {
		return false
	}
	n := int(s[0]-'A') + 1
	d := string([]byte{'0' + byte(n/10), '0' + byte(n%10)}) + s[1:9]
	sum := 0
	for i := range len(d) {
		v := int(d[i]-'0') * (1 + i%2)
		sum += v/10 + v%10
	}
	return sum%10 == int(s[9]-'0')
}

// curp, rfc and pan are of Mexico and India: letters and digits in places of
// their own.
func curp(s string) bool {
	return len(s) == 18 && lettersOnly(s[:4]) && figuresOnly(s[4:10]) && (s[10] == 'H' || s[10] == 'M') && lettersOnly(s[11:16]) && figuresOnly(s[17:])
}

func rfc(s string) bool {
	if len(s) != 13 || !lettersOnly(s[:4]) || !figuresOnly(s[4:10]) {
		return false
	}
	month, day := number0(s[6:8]), number0(s[8:10])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

func pan(s string) bool {
	return len(s) == 10 && lettersOnly(s[:5]) && figuresOnly(s[5:9]) && lettersOnly(s[9:]) && strings.IndexByte("PCHFATBLJG", s[3]) >= 0
}

// personnummer is Sweden's: a date of birth and a check.
func personnummer(d string) bool {
	if len(d) == 12 {
		d = d[2:]
	}
	if len(d) != 10 {
		return false
	}
	month, day := number0(d[2:4]), number0(d[4:6])
	return month >= 1 && month <= 12 && day >= 1 && day <= 31 && luhn(d)
}

// belgian is Belgium's national number.
func belgian(d string) bool {
	return len(d) == 11 && (97-number0(d[:9])%97 == number0(d[9:]) || 97-number0("2"+d[:9])%97 == number0(d[9:]))
}
