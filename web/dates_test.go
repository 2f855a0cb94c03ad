package web_test

import (
	"testing"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/web"
)

func TestDaysAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in   string
		l    lang.Tag
		end  bool
		want string
	}{
		{"", lang.English, false, ""},
		{"2026-03-31", lang.English, false, "2026-03-31"},
		{"31 March 2026", lang.English, false, "2026-03-31"},
		{"31 mar 2026", lang.English, false, "2026-03-31"},
		{"31. März 2026", lang.German, false, "2026-03-31"},
		{"31.3.2026", lang.German, false, "2026-03-31"},
		{"31. 3. 2026", lang.German, false, "2026-03-31"},
		{"Dez. 2026", lang.German, false, "2026-12-01"},
		{"March 2026", lang.German, false, "2026-03-01"},
		{"March 2026", lang.English, true, "2026-03-31"},
		{"February 2028", lang.English, true, "2028-02-29"},
		{"2026", lang.English, false, "2026-01-01"},
		{"2026", lang.English, true, "2026-12-31"},
		{"31/3/2026", lang.English, false, "2026-03-31"},
		{"3/31/2026", lang.English, false, "2026-03-31"},
		{"4/4/2026", lang.English, false, "2026-04-04"},
		{"3/4/2026", lang.English, false, "3/4/2026"}, // April or March? Ask.
		{"Now", lang.English, true, ""},
		{"now", lang.English, false, "now"},
		{"31 June 2026", lang.English, false, "31 June 2026"},
		{"29 February 2026", lang.English, false, "29 February 2026"},
		{"2026-13-01", lang.English, false, "2026-13-01"},
		{"0000-00-00", lang.English, false, "0000-00-00"},
		{"last summer", lang.English, false, "last summer"},
	} {
		if got := web.ReadDay(tt.in, tt.l, tt.end); got != tt.want {
			t.Errorf("%q (%s, end %v) is %q, want %q", tt.in, tt.l, tt.end, got, tt.want)
		}
	}
}
