package connector_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// TestAnEditKeepsTheRestOfTheBytes compares documents byte by byte.
func TestAnEditKeepsTheRestOfTheBytes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, doc, path string
		do              datamap.LeafAction
		value, want     string
	}{
		{"null", `{"a":  1 , "b" : [ 1.50 ]}`, "a", datamap.LeafNull, "", `{"a":  null , "b" : [ 1.50 ]}`},
		{"the first key", `{ "a":1 , "b":2}`, "a", datamap.LeafDrop, "", `{ "b":2}`},
		{"a key in the middle", `{"a":1, "b":2 ,"c":3}`, "b", datamap.LeafDrop, "", `{"a":1 ,"c":3}`},
		{"the last key", `{"a":1, "b":2 }`, "b", datamap.LeafDrop, "", `{"a":1 }`},
		{"the only key", `{ "a":1 }`, "a", datamap.LeafDrop, "", `{  }`},
		{"every element", `[1, 2,3]`, "[]", datamap.LeafDrop, "", `[]`},
		{"two of four", `[{"x":1,"n":0},{"x":2},{"n":1},{"x":3}]`, "[].x", datamap.LeafDrop, "", `[{"n":0},{},{"n":1},{}]`},
		{"a key of every object in a list, without saying so", `[{"x":1},{"y":2}]`, "x", datamap.LeafNull, "", `[{"x":null},{"y":2}]`},
		{"every key", `{"a":1,"b":{"c":2}}`, "*", datamap.LeafValue, `"-"`, `{"a":"-","b":"-"}`},
		{"a value that is there already", `{"a": {"x" : 1}}`, "a", datamap.LeafValue, `{"x":1}`, `{"a": {"x" : 1}}`},
		{"a key written with escapes", `{"\u0061":1,"\"":2}`, "a", datamap.LeafNull, "", `{"\u0061":null,"\"":2}`},
		{"JSON in a text, three deep", `{"p":"{\"q\": \"{\\\"r\\\":\\\"\\u00e9\\\", \\\"s\\\":1}\", \"t\":\"\\/\"}"}`, "p!.q!.s", datamap.LeafNull, "",
			`{"p":"{\"q\": \"{\\\"r\\\":\\\"\\u00e9\\\", \\\"s\\\":null}\", \"t\":\"\\/\"}"}`},
		{"nothing there", `{"a":1}`, "b.c[]", datamap.LeafDrop, "", `{"a":1}`},
		{"a key that stands twice", `{"a":1,"a":2}`, "a", datamap.LeafNull, "", `{"a":null,"a":null}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path, err := datamap.ParseJSONPath(tt.path)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := connector.EditLeaf(tt.doc, datamap.Leaf{Path: path, Do: tt.do, Value: tt.value})
			if !ok {
				t.Fatal("no JSON")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
			if again, _ := connector.EditLeaf(got, datamap.Leaf{Path: path, Do: tt.do, Value: tt.value}); again != got && tt.do != datamap.LeafDrop {
				t.Errorf("a second time: %s", again)
			}
		})
	}
}

func TestEveryWritingIsScrubbed(t *testing.T) {
	t.Parallel()
	values := map[string][]string{"phone": {"+5511912340000"}, "email": {"da.vi@example.com"}, "wa": {"BR.13491208655302741918"}, "short": {"12"}}
	for _, tt := range []struct{ in, want string }{
		{"+55 11 91234-0000", "[erased]"},
		{"call (11) 91234 0000 now", "call [erased] now"},
		{"whatsapp:5511912340000@s.whatsapp.net", "whatsapp:[erased]@s.whatsapp.net"},
		{"0055.11.91234.0000", "[erased]"},
		{"11 91234–0000", "[erased]"},
		{"11912340000 and 11912340000", "[erased] and [erased]"},
		{"+55 11 91234-0001", "+55 11 91234-0001"},
		{"55119123400001", "55119123400001"},
		{"155119123400001 11912340000", "155119123400001 [erased]"},
		{"DA.VI@Example.com, da.vi%40example.com.", "[erased], [erased]."},
		{"xda.vi@example.com da.vi@example.com.br da.vi@example.community", "xda.vi@example.com da.vi@example.com.br da.vi@example.community"},
		{"BR.13491208655302741918!", "[erased]!"},
		{"BR.134912086553027419180", "BR.134912086553027419180"},
		{"on the 12.12.2012", "on the 12.12.2012"},
		{"Davi Rocha; ROCHA, DAVI; davi.rocha; Davi", "[erased]; [erased]; [erased]; Davi"},
		{"Davi Rochas", "Davi Rochas"},
		{"wamid.HBgNNTUxMTkxMjM0MDAwMBUC=", "wamid.[erased]"},
		{"wamid.HBgNNTUxMTkxMjM0MDAwMRUC=", "wamid.HBgNNTUxMTkxMjM0MDAwMRUC="},
		{"", ""},
	} {
		if got := connector.Scrub(values, []string{"Davi Rocha"}, tt.in); got != tt.want {
			t.Errorf("%q became %q, expected %q", tt.in, got, tt.want)
		}
		if again := connector.Scrub(values, []string{"Davi Rocha"}, tt.want); again != tt.want {
			t.Errorf("%q became %q when it was scrubbed again", tt.want, again)
		}
	}
}

// FuzzScrub wants valid JSON to stay valid, and nothing to be found a second time.
func FuzzScrub(f *testing.F) {
	for _, seed := range []string{`{"a":"lu@example.com"}`, `["\u006cu@example.com", {"+49 171 3920041": 491713920041}]`, `"{\"x\":\"lu@example.com\"}"`, `lu@example.com`, `"\ud83d\ude00\ud83d lu@example.com\/"`, `1e999`, ` [ ] `} {
		f.Add(seed)
	}
	values := map[string][]string{"phone": {"+491713920041"}, "email": {"lu@example.com"}}
	f.Fuzz(func(t *testing.T, doc string) {
		once, wasJSON := connector.ScrubJSON(values, doc)
		if wasJSON != json.Valid([]byte(doc)) {
			t.Fatalf("%q: JSON %t", doc, wasJSON)
		}
		if wasJSON && !json.Valid([]byte(once)) {
			t.Fatalf("%q became %q", doc, once)
		}
		if twice, _ := connector.ScrubJSON(values, once); twice != once {
			t.Fatalf("%q became %q, and then %q", doc, once, twice)
		}
		if wasJSON && once == doc && strings.Contains(strings.ToLower(doc), `"lu@example.com"`) && !strings.Contains(doc, `\`) {
			t.Fatalf("%q was left", doc)
		}
	})
}
