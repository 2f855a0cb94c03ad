package datamap_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

func path(t testing.TB, s string) datamap.JSONPath {
	t.Helper()
	p, err := datamap.ParseJSONPath(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTextsStandWhereThePathSays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		path, doc string
		want      []string
	}{
		{"a", `{"a": "x", "b": "y"}`, []string{"x"}},
		{"a.b", `{"a": {"b": 7}}`, []string{"7"}},
		{"a.b", `{"a": [{"b": true}, {"b": null}, [{"b": "too deep"}]]}`, []string{"true"}},
		{"[]", `["x", 1, {"a": 2}, ["y"]]`, []string{"x", "1"}},
		{"[]", `"alone"`, []string{"alone"}},
		{"a[].b", `{"a": [{"b": "x"}, {"c": "y"}]}`, []string{"x"}},
		{"*.n", `{"p": {"n": "x"}}`, []string{"x"}},
		{"p!.to", `{"p": "{\"to\": \"x\"}"}`, []string{"x"}},
		{"p!.to", `{"p": "{\"to\": "}`, nil},
		{"p!.to", `{"p": {"to": "x"}}`, nil},
		{"!", `"\"x\""`, []string{"x"}},
		{"a", `{"a": 5.511912340000e12}`, []string{"5511912340000"}},
		{"a", `{"a": 1.50}`, []string{"1.50"}},
		{"a", `{"a": 1e999999999}`, []string{"1e999999999"}},
		{"a", `{"a": "\u002b\ud83d"}`, []string{"+\ufffd"}},
		{"a", ``, nil},
		{"a", `{"a": "x"`, nil},
		{"a", `{"a": "x"} {"a": "y"}`, nil},
		{"a", "\xff\xfe", nil},
		{"a", strings.Repeat("[", 100_000), nil},
	} {
		if diff := cmp.Diff(tt.want, path(t, tt.path).Texts([]byte(tt.doc))); diff != "" {
			t.Errorf("%s in %.60s (-want +got):\n%s", tt.path, tt.doc, diff)
		}
	}
}

func TestConcealedLeavesAreGone(t *testing.T) {
	t.Parallel()
	groups := []datamap.LeafGroup{{Path: path(t, "*"), Group: datamap.Data}, {Path: path(t, "token"), Group: datamap.Secret}, {Path: path(t, "agents[].name"), Group: datamap.Staff},
		{Path: path(t, "keys[]"), Group: datamap.Secret}, {Path: path(t, "in!.token"), Group: datamap.Secret}, {Path: path(t, "both"), Group: datamap.Staff}, {Path: path(t, "both"), Group: datamap.Secret}}
	for _, tt := range []struct{ doc, want, tenants string }{
		{`{"a": 1.50, "token": "s"}`, `{"a":1.50}`, `{"a":1.50}`},
		{`{"agents": [{"name": "Davi", "n": 1}, {"name": null}], "keys": ["s", {"s": 1}]}`, `{"agents":[{"n":1,"name":"[x]"},{"name":null}],"keys":[]}`, `{"agents":[{"n":1,"name":"Davi"},{"name":null}],"keys":[]}`},
		{`{"in": "{\"token\": \"s\", \"b\": \"<\"}"}`, `{"in":"{\"b\":\"<\"}"}`, `{"in":"{\"b\":\"<\"}"}`},
		{`{"in": "no JSON"}`, `{"in":"no JSON"}`, `{"in":"no JSON"}`},
		{`{"both": "s", "html": "<b>"}`, `{"html":"<b>"}`, `{"html":"<b>"}`},
		{`[{"token": "s"}]`, `[{}]`, `[{}]`},
		{`"text"`, `"text"`, `"text"`},
	} {
		for redacted, want := range map[string]string{"[x]": tt.want, "": tt.tenants} {
			got, ok := datamap.Conceal([]byte(tt.doc), groups, redacted)
			var a, b any
			if !ok || json.Unmarshal(got, &a) != nil || json.Unmarshal([]byte(want), &b) != nil || !cmp.Equal(a, b) {
				t.Errorf("%s leaves as %s (%t), expected %s", tt.doc, got, ok, want)
			}
		}
	}
	if got, ok := datamap.Conceal([]byte(`{"token": "s"`), groups, "[x]"); ok {
		t.Errorf("no JSON leaves as %s", got)
	}
}

func TestVariantsAreTheOtherWritingOfANumber(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ number, other string }{
		{"+5521987654321", "+552187654321"},
		{"+5215555550199", "+525555550199"},
		{"+5491155550123", "+541155550123"},
	} {
		if got := datamap.Variants(tt.number); !slices.Equal(got, []string{tt.other}) {
			t.Errorf("%s: %v, expected %s", tt.number, got, tt.other)
		}
		if got := datamap.Variants(tt.other); !slices.Equal(got, []string{tt.number}) {
			t.Errorf("%s: %v, expected %s", tt.other, got, tt.number)
		}
	}
	for _, none := range []string{"", "+", "+4915112345678", "+55219876543", "+55219876543210", "+5521887654321", "5521987654321", "+52", "+549"} {
		if got := datamap.Variants(none); got != nil {
			t.Errorf("%s: %v", none, got)
		}
	}
}

// FuzzJSONPath: what is read is written the same, whatever stands in it, and no
// document makes a path panic or give what is not in it.
func FuzzJSONPath(f *testing.F) {
	for _, p := range []string{"a", "a.b", "[]", "a[].b", "*.c", "p!.to", "!", "a..b", ".", "a[", "]", "a]b", "é.\x00", "a.!", "[][]", "**", `"`} {
		f.Add(p, `{"a": {"b": [1, "x"]}, "p": "{\"to\": 1}"}`)
	}
	f.Fuzz(func(t *testing.T, s, doc string) {
		p, err := datamap.ParseJSONPath(s)
		if err != nil {
			return
		}
		again, err := datamap.ParseJSONPath(p.String())
		if err != nil || again.String() != p.String() || !cmp.Equal(p, again) {
			t.Fatalf("%q is written %q and read %q (%v)", s, p.String(), again.String(), err)
		}
		found := p.Texts([]byte(doc))
		if len(found) > 0 && !json.Valid([]byte(doc)) {
			t.Fatalf("%q finds %q in what is no JSON", s, found)
		}
		for _, group := range []datamap.Group{datamap.Secret, datamap.Staff} {
			out, ok := datamap.Conceal([]byte(doc), []datamap.LeafGroup{{Path: p, Group: group}}, "[hidden]")
			if ok != json.Valid([]byte(doc)) || ok && !json.Valid(out) {
				t.Fatalf("%q without %q: %q %t", doc, s, out, ok)
			}
			for _, left := range p.Texts(out) {
				if ok && (group == datamap.Secret || left != "[hidden]") && !strings.Contains(s, "[]") {
					t.Fatalf("%q leaves %q of %q, in %q", s, left, doc, out)
				}
			}
		}
	})
}
