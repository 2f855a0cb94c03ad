package journey

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/crowsstack/privacy-portal/internal/demo"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/staff"
)

var refPattern = regexp.MustCompile(`CS-[0-9A-Z]{4}-[0-9A-Z]{4}`)

// fillsIn goes through the five steps and sends the request; it gives the
// reference that the mail names.
func (b *tab) fillsIn(who demo.Person, button string, a11y bool) string {
	b.t.Helper()
	look := func() {
		if a11y {
			b.accessible()
		}
	}
	b.open("/")
	look()
	b.press(button)
	look()
	b.press("Continue").sees("How do you know")
	look()
	b.choose("relation", "recipient").press("Continue").sees("Who is this request about?")
	look()
	b.press("Continue").sees("There is a problem") // nothing typed yet
	look()
	b.fill("name", who.Name).fill("email", who.Email).fill("country", "DE").press("Continue").sees("What should we look for?")
	look()
	b.press("Continue").sees("Check your answers", who.Name, who.Email)
	look()
	b.choose("correct", "yes").press("Send my request").sees("Check your email")
	look()
	m := b.k.mailTo(b.t, who.Email, "Confirm")
	b.open(m.Links[0]).sees("Confirm your request")
	look()
	b.press("Confirm and start my request").sees("We have your request")
	look()
	ref := refPattern.FindString(m.Subject + m.Text)
	if ref == "" {
		b.t.Fatalf("the mail names no reference: %s", m.Subject)
	}
	return ref
}

// signsIn brings a member of staff to the desk: mailed link, then code.
func (b *tab) signsIn(role staff.Role, a11y bool) *tab {
	b.t.Helper()
	m, ok := b.k.members[role]
	if !ok {
		b.t.Fatalf("the demo has no %s", role)
	}
	b.open("/desk/sign-in").fill("email", m.Email).press("Email me a link").sees("Check your email")
	b.open(b.k.mailTo(b.t, m.Email, "sign").Links[0]).press("Go on")
	if a11y {
		b.accessible()
	}
	code, err := totp.GenerateCode(m.Secret, time.Now())
	if err != nil {
		b.t.Fatal(err)
	}
	b.fill("code", code).submit() // from here on the desk speaks the member's language
	if b.where() != "/desk" {
		b.t.Fatalf("the %s is not at the desk but on %s\n%s", role, b.where(), b.text())
	}
	return b
}

func TestAccessFromTheFormToTheZIP(t *testing.T) {
	for _, js := range []bool{true, false} {
		t.Run(map[bool]string{true: "scripts on", false: "scripts off"}[js], func(t *testing.T) {
			t.Parallel()
			k := newStack(t, size{rows: 10_000})
			who := demo.Marina
			keys, err := demo.RowsOf(t.Context(), k.store, who)
			if err != nil {
				t.Fatal(err)
			}
			person := k.browse(t, "the person", js)
			ref := person.fillsIn(who, "Get a copy of my data", js)

			agent := k.browse(t, "the agent", js).signsIn(staff.Agent, js)
			looks := func(b *tab) {
				if js {
					b.accessible()
				}
			}
			looks(agent)
			agent.open("/desk/"+ref).sees(who.Name, "Search the messaging store")
			looks(agent)
			agent.press("Search the messaging store")
			k.settles(t, ref)
			agent.pressSoon("Review the package")
			looks(agent)
			agent.fill("note", "Both contacts are hers.").press("Sign and propose").sees("Proposed")
			agent.open("/desk/" + ref + "/decision").sees("You prepared this, so someone else must approve it.")

			approver := k.browse(t, "the approver", js).signsIn(staff.Approver, false)
			approver.open("/desk/" + ref + "/decision").sees("You did not prepare this, so you may approve it.")
			looks(approver)
			approver.press("Approve and hand over").sees("There is a problem")
			looks(approver)
			approver.decides(ref).press("Approve and hand over").sees("Approved")

			person.open("/my/" + ref).waits("Your data is ready")
			looks(person)
			person.open("/my/" + ref + "/data").sees("SHA-256")
			looks(person)
			zipHolds(t, keys, person.downloads("Download ZIP"))
			for _, tab := range []string{"", "/data", "/messages", "/audit"} {
				approver.open("/desk/" + ref + tab)
				looks(approver)
			}
		})
	}
}

// decides ticks the checks and types the reference.
func (b *tab) decides(ref string) *tab {
	b.t.Helper()
	for _, c := range eval[[]string](b, `[...document.querySelectorAll('main [name=checks]')].map(e=>e.value)`) {
		b.choose("checks", c)
	}
	return b.fill("reference", ref)
}

// downloads presses a button that answers with a file, and gives its path.
func (b *tab) downloads(button string) string {
	b.t.Helper()
	if !eval[bool](b, fmt.Sprintf(`(()=>{const e=[...document.querySelectorAll('main button')].find(e=>e.textContent.trim().startsWith(%q));if(!e)return false;e.click();return true})()`, button)) {
		b.t.Fatalf("%s: nothing to press says %q\n%s", b.who, button, b.text())
	}
	var file string
	b.k.until(b.t, "the download is complete", func() bool {
		files, err := filepath.Glob(filepath.Join(b.down, "*"))
		files = slices.DeleteFunc(files, func(f string) bool { return slices.Contains(b.have, f) })
		if err != nil || len(files) != 1 || strings.HasSuffix(files[0], ".crdownload") {
			return false
		}
		file = files[0]
		z, err := zip.OpenReader(file) // the directory comes last: it opens when it is whole
		if err != nil {
			return false
		}
		return z.Close() == nil
	})
	b.have = append(b.have, file)
	return file
}

// zipHolds compares a package, in one ZIP or several, with the store: every row
// of the person, by primary key, and no other; and each file with the manifest.
func zipHolds(t *testing.T, keys demo.Keys, paths ...string) {
	t.Helper()
	var zips []export.Source
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			t.Fatal(err)
		}
		zips = append(zips, export.Source{Name: filepath.Base(path), ReaderAt: f, Size: info.Size()})
	}
	report, err := export.Verify(zips...)
	if err != nil || !report.OK {
		t.Fatalf("the package does not hold against its manifest: %+v, %v", report, err)
	}
	have, files := map[string][]string{}, false
	for _, zipped := range zips {
		z, err := zip.NewReader(zipped, zipped.Size)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range z.File {
			files = files || strings.HasPrefix(e.Name, "attachments/") || e.Name == "manifest.json" && holdsBack(t, e)
			name, ok := strings.CutPrefix(e.Name, "json/")
			if !ok {
				continue
			}
			table := tableOf(name)
			have[table] = append(have[table], idsIn(t, e)...)
		}
	}
	for table, want := range keys {
		slices.Sort(want)
		got := have[table]
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: the package has %d rows, the store %d: %v … and %v …", table, len(got), len(want), got[:min(len(got), 9)], want[:min(len(want), 9)])
		}
		delete(have, table)
	}
	for table, rows := range have {
		if len(rows) > 0 {
			t.Errorf("%s: %d rows in the package that are not the person's", table, len(rows))
		}
	}
	if !files {
		t.Error("no attachment in the package")
	}
}

// holdsBack says whether a manifest lists attachments that others sent.
func holdsBack(t *testing.T, e *zip.File) bool {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var m export.Manifest
	if err := json.NewDecoder(r).Decode(&m); err != nil {
		t.Fatal(err)
	}
	return len(m.Withheld) > 0
}

// idsIn reads the primary keys in a JSON file.
func idsIn(t *testing.T, e *zip.File) (ids []string) {
	t.Helper()
	r, err := e.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rows []struct {
		ID json.RawMessage `json:"id"`
	}
	if err := json.NewDecoder(r).Decode(&rows); err != nil {
		t.Fatalf("%s: %v", e.Name, err)
	}
	for _, row := range rows {
		ids = append(ids, strings.Trim(string(row.ID), `"`))
	}
	return ids
}

// tableOf drops the role, the number of the part and the extension from a file's
// name; the demo's tables have no hyphen in theirs.
func tableOf(name string) string {
	name, _, _ = strings.Cut(strings.TrimSuffix(name, ".json"), "-")
	return name
}
