package redact_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/redact"
)

// TestCheckDigits writes numbers whose digits check, and the same with one
// digit changed, without a word that says what they are. The numbers are the
// examples of the bodies that give them, or made up.
func TestCheckDigits(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		what, right, wrong string
		kind               redact.Kind
		regions            []string
	}{
		{"Visa", "4111 1111 1111 1111", "4111 1111 1111 1112", redact.Card, nil},
		{"Mastercard", "5555555555554444", "5555555555554445", redact.Card, nil},
		{"Mastercard's new range", "2223 0031 2200 3222", "2223 0031 2200 3223", redact.Card, nil},
		{"American Express", "3782-822463-10005", "3782-822463-10006", redact.Card, nil},
		{"Diners", "3056 930902 5904", "3056 930902 5905", redact.Card, nil},
		{"a German account", "DE89 3704 0044 0532 0130 00", "DE89 3704 0044 0532 0130 01", redact.Account, nil},
		{"a British account", "GB29NWBK60161331926819", "GB29NWBK60161331926818", redact.Account, nil},
		{"a Maltese account", "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MT84 MALT 0110 0001 2345 MTLC AST0 01T", redact.Account, nil},
		{"United States", "078-05-1120", "000-05-1120", redact.IDNumber, nil},
		{"United Kingdom", "AB 12 34 56 C", "QQ 12 34 56 C", redact.IDNumber, nil},
		{"United Kingdom in one", "AB123456C", "QQ123456C", redact.IDNumber, []string{"GB"}},
		{"Germany's tax number", "86 095 742 719", "86 095 742 718", redact.IDNumber, nil},
		{"Germany's health insurance", "A123456780", "A123456781", redact.IDNumber, []string{"DE"}},
		{"Brazil", "529.982.247-25", "529.982.247-26", redact.IDNumber, nil},
		{"Brazil's companies", "11.222.333/0001-81", "11.222.333/0001-82", redact.IDNumber, nil},
		{"Spain", "12345678Z", "12345678A", redact.IDNumber, []string{"ES"}},
		{"Spain's foreigners", "X1234567L", "X1234567A", redact.IDNumber, nil},
		{"Italy", "RSSMRA85T10A562S", "RSSMRA85T10A562T", redact.IDNumber, nil},
		{"France", "1 85 05 78 006 084 91", "1 85 05 78 006 084 92", redact.IDNumber, nil},
		{"India", "2345 6789 0124", "2345 6789 0125", redact.IDNumber, []string{"IN"}},
		{"India's tax number", "ABCPK1234F", "ABCZK1234F", redact.IDNumber, nil},
		{"Poland", "44051401359", "44051401358", redact.IDNumber, []string{"PL"}},
		{"Türkiye", "10000000146", "10000000147", redact.IDNumber, []string{"TR"}},
		{"Switzerland", "756.9217.0769.85", "756.9217.0769.86", redact.IDNumber, nil},
		{"Sweden", "811228-9874", "811228-9875", redact.IDNumber, nil},
		{"Belgium", "85.07.30-033.28", "85.07.30-033.29", redact.IDNumber, nil},
		{"Mexico", "GOMC850101HDFRRL09", "GOMC850101XDFRRL09", redact.IDNumber, nil},
	} {
		t.Run(tt.what, func(t *testing.T) {
			t.Parallel()
			r := redact.New(redact.Person{}, nil, tt.regions...)
			marks := r.Marks("it says "+tt.right+" there", redact.Other)
			if len(marks) != 1 || !marks[0].Never || marks[0].Kind != tt.kind || marks[0].Start != 8 || marks[0].End != 8+len(tt.right) {
				t.Errorf("%s: %v", tt.right, marks)
			}
			for _, m := range r.Marks("it says "+tt.wrong+" there", redact.Other) {
				if m.Never {
					t.Errorf("%s is none, yet %v", tt.wrong, m)
				}
			}
		})
	}
}

// TestNumbersOfThingsAreNoSecrets writes numbers of goods and orders of which
// many have check digits like those of people.
func TestNumbersOfThingsAreNoSecrets(t *testing.T) {
	t.Parallel()
	r := redact.New(redact.Person{}, nil, "US")
	for _, s := range []string{
		"4006381333931", "5000112637922", "356938035643809", "8949020000000000001", "104857600001234", "185057800608491", "12345678Z", "A123456780",
		"234567890124", "1700000000000", "11222333000181", "AB123456C", "1Z999AA10123456784", "00340434161094042557", "f47ac10b-58cc-4372-a567-0e02b2c3d479",
		"wamid.HBgNNTUxMTkxMjM0NTY3OBUCABEYEjA4", "2024-11-26T09:41:00.123Z", "9780306406157", "192.168.100.200", "2001:db8::8a2e:370:7334",
	} {
		for _, m := range r.Marks("it has "+s+" on it", redact.Other) {
			if m.Never || m.Sure {
				t.Errorf("%s: %v", s, m)
			}
		}
	}
}
