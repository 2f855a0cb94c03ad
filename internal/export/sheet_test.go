package export_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// wrote is the note of a message in a conversation, with a suggestion if it has a
// question mark.
func wrote(t *testing.T, talk string, n int, text string) []byte {
	t.Helper()
	note := export.SheetNote{Talk: talk, At: "2026-11-03 10:42:00+00", Masked: []string{"code"}}
	one := export.SheetText{Place: fmt.Sprintf("messages/%d/body", n), Title: 1, Text: text}
	if at := strings.IndexByte(text, '?'); at >= 0 {
		m := export.SheetMark{Start: at, End: at + 1, Kind: "name", Who: "token"}
		one.Sum, one.Marks = "sum", []export.SheetMark{m}
		note.Asked = []export.SheetSuggestion{{SheetMark: m, Place: one.Place, Sum: "sum", Word: "?"}}
		note.Settled = []export.Settled{{Kind: "name", Who: "token", Word: "?", State: export.MarkOpen}}
	}
	note.Message = &export.SheetMessage{Row: fmt.Sprintf("messages/%d", n), At: note.At, Texts: []export.SheetText{one}}
	b, err := note.Encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sheeted is a part with its sheet, in a vault.
func sheeted(t *testing.T, v *export.Vault, set uuid.UUID, number int, fill func(*export.SheetWriter)) export.Part {
	t.Helper()
	ctx := t.Context()
	part := export.Part{Manifest: export.Manifest{Set: set, Part: number}}
	var err error
	part.Artifact, err = v.Create(ctx, uuid.New(), func(w io.Writer) error { _, err := fmt.Fprintf(w, "part %d", number); return err })
	if err != nil {
		t.Fatal(err)
	}
	titles := []datamap.Text{{"en": "Messages"}, {"en": "Text"}}
	part.Sheet.Artifact, err = v.Create(ctx, uuid.New(), func(w io.Writer) error {
		s, err := export.NewSheet(w, &titles, func(string) string { return "" })
		if err != nil {
			return err
		}
		fill(s)
		return s.Close(part, []byte(`["a"]`))
	})
	if err != nil {
		t.Fatal(err)
	}
	return part
}

// place is a vault of the test's own.
func place(t *testing.T) *export.Vault {
	t.Helper()
	v, err := export.OpenVault(t.TempDir(), keyring(t, seal.NewKey("a")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = v.Close() })
	return v
}

func noted(t *testing.T, s *export.SheetWriter, note []byte) {
	t.Helper()
	if err := s.Note(note); err != nil {
		t.Fatal(err)
	}
}

// A conversation that goes on in the next part is one conversation, page by page,
// and what is asked in it is found where it stands.
func TestSheetsOfAllPartsAreReadAsOne(t *testing.T) {
	t.Parallel()
	v := place(t)
	set := uuid.New()
	first := sheeted(t, v, set, 1, func(s *export.SheetWriter) {
		for n := range 130 {
			noted(t, s, wrote(t, "a", n, fmt.Sprint("first ", n)))
		}
	})
	second := sheeted(t, v, set, 2, func(s *export.SheetWriter) {
		noted(t, s, wrote(t, "b", 0, "another"))
		for n := range 150 {
			text := fmt.Sprint("second ", n)
			if n == 99 {
				text += "?"
			}
			noted(t, s, wrote(t, "a", 130+n, text))
		}
		s.File(export.SheetFile{Place: "files/1", Name: "a.pdf", Withheld: true})
	})
	all, err := v.OpenSheets(t.Context(), set, export.Package{first, second})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	if len(all.Talks) != 2 || all.Talks[0].Messages != 280 || all.Talks[0].Open != 1 || all.Talks[1].Messages != 1 || len(all.Files) != 1 || len(all.People) != 1 {
		t.Fatalf("read %+v, %+v, %+v", all.Talks, all.Files, all.People)
	}
	if len(all.Asked) != 1 || all.Asked[0].Message != 229 || all.Asked[0].Page() != 2 {
		t.Fatalf("asked %+v", all.Asked)
	}
	for from := 0; from < 280; from += export.PageMessages {
		page, err := all.Messages(0, from, export.PageMessages)
		if err != nil || len(page) != min(export.PageMessages, 280-from) {
			t.Fatalf("page from %d: %d messages, %v", from, len(page), err)
		}
		for i, m := range page {
			if m.Row != fmt.Sprintf("messages/%d", from+i) || m.Titles[0]["en"] != "Text" {
				t.Fatalf("message %d is %s of %v", from+i, m.Row, m.Titles)
			}
		}
	}
	if index, err := v.SheetIndex(t.Context(), second.Sheet); err != nil || string(index.Names) != `["a"]` || index.Masked["code"] != 151 {
		t.Errorf("the index says %s and %v, %v", index.Names, index.Masked, err)
	}
}

func TestASheetBelongsToItsPart(t *testing.T) {
	t.Parallel()
	v := place(t)
	set := uuid.New()
	fill := func(s *export.SheetWriter) { noted(t, s, wrote(t, "a", 0, "text")) }
	one, two := sheeted(t, v, set, 1, fill), sheeted(t, v, set, 2, fill)
	swapped := export.Package{one, two}
	swapped[0].Sheet, swapped[1].Sheet = two.Sheet, one.Sheet
	other := export.Package{one, two}
	other[1].SHA256 = strings.Repeat("0", 64)
	for name, p := range map[string]export.Package{"swapped": swapped, "beside another package": other} {
		if _, err := v.OpenSheets(t.Context(), set, p); !errors.Is(err, seal.ErrOpen) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := v.OpenSheets(t.Context(), uuid.New(), export.Package{one, two}); !errors.Is(err, seal.ErrOpen) {
		t.Errorf("of another proposal: %v", err)
	}
	one.Sheet.Key = nil
	if _, err := v.OpenSheets(t.Context(), set, export.Package{one, two}); err == nil {
		t.Error("read without a key")
	}
}

// However many conversations there are, what waits for its page to be full stays
// small, and nothing is lost.
func TestManyConversationsShareTheRoom(t *testing.T) {
	t.Parallel()
	v := place(t)
	set := uuid.New()
	const talks, each = 40, 12
	long := strings.Repeat("x", 64<<10)
	part := sheeted(t, v, set, 1, func(s *export.SheetWriter) {
		for n := range talks * each {
			noted(t, s, wrote(t, fmt.Sprint(n%talks), n, long))
		}
	})
	all, err := v.OpenSheets(t.Context(), set, export.Package{part})
	if err != nil {
		t.Fatal(err)
	}
	defer all.Close()
	for talk := range talks {
		got, err := all.Messages(talk, 0, 100)
		if err != nil || len(got) != each {
			t.Fatalf("conversation %d has %d messages: %v", talk, len(got), err)
		}
		for i, m := range got {
			if m.Row != fmt.Sprintf("messages/%d", i*talks+talk) || m.Texts[0].Delivered() != long {
				t.Fatalf("conversation %d, message %d is %s", talk, i, m.Row)
			}
		}
	}
}

func TestATornNoteIsNoticed(t *testing.T) {
	t.Parallel()
	titles := []datamap.Text{{}, {}}
	s, err := export.NewSheet(io.Discard, &titles, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	whole := wrote(t, "a", 0, "who?")
	for end := range strings.Index(string(whole), "{") {
		if s.Note(whole[:end]) == nil {
			t.Errorf("a note of %d of %d bytes is taken", end, len(whole))
		}
	}
}
