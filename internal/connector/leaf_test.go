package connector

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// FuzzLeaf writes into JSON and takes out again: what is written stands there,
// nothing else changes, and what was added leaves no byte behind.
func FuzzLeaf(f *testing.F) {
	f.Add(`{ "a":1,  "b" : {"c": [1, "x"]} }`, "b.d.e", `true`)
	f.Add(`{}`, "a", `{"x": null}`)
	f.Add("{\n}", "a.b", `"t"`)
	f.Add(`{"a":{"b":1},"a":{"b":2}}`, "a.b", `3`)
	f.Add(`{"\u0061": "\ud83d\ude00", "é": 1}`, "é", `null`)
	f.Add(`[1]`, "a", `1`)
	f.Add(`{"a": "text"}`, "a.b", `1`)
	f.Fuzz(func(t *testing.T, raw, at, value string) {
		value = strings.TrimSpace(value)
		path, err := datamap.ParseJSONPath(at)
		if err != nil || !path.Plain() || !utf8.ValidString(at) || !json.Valid([]byte(raw)) || !json.Valid([]byte(value)) {
			return
		}
		_, was, _ := leafAt([]byte(raw), path)
		made := missingFrom([]byte(raw), path)
		written, err := withLeaf([]byte(raw), path, []byte(value))
		if err != nil {
			return // no object on the way: nothing is written
		}
		if !json.Valid(written) {
			t.Fatalf("%q with %s = %s became %q", raw, at, value, written)
		}
		leaf, found, err := leafAt(written, path)
		if err != nil || !found || string(leaf) != value {
			t.Fatalf("%q with %s = %s reads %q, %t, %v", raw, at, value, leaf, found, err)
		}
		if !was {
			back, err := withoutLeaf(written, path[:made])
			if err != nil || string(back) != raw {
				t.Fatalf("%q became %q and then %q, %v", raw, written, back, err)
			}
			return
		}
		if got, want := decodedWithout(t, string(written), path), decodedWithout(t, raw, path); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q became %q: more than %s changed", raw, written, at)
		}
		gone, err := withoutLeaf([]byte(raw), path)
		if err != nil || !json.Valid(gone) {
			t.Fatalf("%q without %s became %q, %v", raw, at, gone, err)
		}
	})
}

func decodedWithout(t *testing.T, raw string, path datamap.JSONPath) any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal([]byte(raw), &all); err != nil {
		t.Fatal(err)
	}
	at := all
	for _, p := range path[:len(path)-1] {
		at, _ = at[p.Key].(map[string]any)
	}
	delete(at, path[len(path)-1].Key)
	return all
}

// FuzzAppended adds to a list and leaves what was in it byte by byte.
func FuzzAppended(f *testing.F) {
	for _, list := range []string{`[]`, `[ ]`, "[\n 1,\n 2\n]\n", `["]"]`, `[[]]`} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		var before, after []any
		if json.Unmarshal([]byte(list), &before) != nil || before == nil {
			return
		}
		got := appended(&list, []byte(`"new"`))
		if err := json.Unmarshal([]byte(got), &after); err != nil || !reflect.DeepEqual(after, append(before, "new")) {
			t.Fatalf("%q became %q, %v", list, got, err)
		}
		if strings.ReplaceAll(strings.ReplaceAll(got, `, "new"`, ""), `"new"`, "") != strings.ReplaceAll(strings.ReplaceAll(list, `, "new"`, ""), `"new"`, "") {
			t.Fatalf("%q became %q: other bytes changed", list, got)
		}
	})
}

func TestAnIdentifierIsWrittenAsTheOldOneWas(t *testing.T) {
	t.Parallel()
	phone := datamap.Normaliser{Kind: datamap.E164, Strip: []string{"whatsapp:", "tel:"}, End: []string{"@s.whatsapp.net"}}
	mail := datamap.Normaliser{Kind: datamap.Email, Strip: []string{"mailto:"}}
	for _, tt := range []struct {
		n                datamap.Normaliser
		stored           datamap.Stored
		old, typed, want string
	}{
		{phone, "", "+49 171 3920041", "0171 3920099", "+491713920099"},
		{phone, "", "491713920041", "0171 3920099", "491713920099"},
		{phone, "", "WhatsApp:+491713920041", "+49 171 3920099", "WhatsApp:+491713920099"},
		{phone, "", "491713920041@s.whatsapp.net", "+49 171 3920099", "491713920099@s.whatsapp.net"},
		{phone, "", "01713920041", "+49 171 3920099", "01713920099"},
		{phone, "", "1713920041", "+49 171 3920099", "1713920099"},
		{phone, "", "01713920041", "+5511987650001", "+5511987650001"},
		{phone, "", "", "0171 3920099", "+491713920099"},
		{phone, "", "(0171) 392-0041", "0171 3920099", "+491713920099"},
		{phone, datamap.AsDigits, "+491713920041", "0171 3920099", "491713920099"},
		{phone, datamap.AsNormal, "491713920041", "0171 3920099", "+491713920099"},
		{phone, "", "+491713920041", "%", ""},
		{mail, "", "ida@example.com", "Ida.New@Example.COM ", "ida.new@example.com"},
		{mail, "", "Ida@Example.com", "Ida.New@Example.COM", "Ida.New@Example.COM"},
		{mail, "", "mailto:ida@example.com", "New@example.com", "mailto:new@example.com"},
		{mail, datamap.AsNormal, "Ida@Example.com", "New@example.com", "new@example.com"},
		{mail, "", "ida@example.com", "new@", ""},
	} {
		if got, ok := storedLike(tt.n, tt.stored, tt.old, tt.typed, "DE"); got != tt.want && ok || ok != (tt.want != "") {
			t.Errorf("%q as %q was: %q, %t, expected %q", tt.typed, tt.old, got, ok, tt.want)
		}
	}
}

// FuzzStoredLike: whatever the old value looks like, the new one is the same to
// whoever reads it.
func FuzzStoredLike(f *testing.F) {
	f.Add("whatsapp:+491713920041", "0171 3920099", "DE", "")
	f.Add("5511987650001", "+49 171 3920099", "BR", "digits")
	f.Add("0", "+390612345678", "IT", "normal")
	n := datamap.Normaliser{Kind: datamap.E164, Strip: []string{"whatsapp:", ""}, End: []string{"@x", ""}}
	f.Fuzz(func(t *testing.T, old, typed, region, stored string) {
		out, ok := storedLike(n, datamap.Stored(stored), old, typed, region)
		if !ok {
			return
		}
		want := n.Normal(typed, region)
		if stored == string(datamap.AsDigits) {
			out = "+" + out
		}
		if got := n.Normal(out, region); got != want {
			t.Fatalf("%q as %q was, in %q: %q reads %q, expected %q", typed, old, region, out, got, want)
		}
	})
}
