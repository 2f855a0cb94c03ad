package privacy_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/fault"
	"github.com/crowsstack/privacy-portal/internal/malware"
	"github.com/crowsstack/privacy-portal/internal/malware/malwaretest"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

const fileLimit = 256 << 10

// takesFiles gives both offices one vault, and says where it is.
func (b *bench) takesFiles(t *testing.T, scanner *malware.Scanner) (dir string) {
	t.Helper()
	keys, err := seal.Parse(seal.NewKey("vault"))
	if err != nil {
		t.Fatal(err)
	}
	dir = t.TempDir()
	v, err := export.OpenVault(dir, keys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { v.Close() })
	for _, o := range []*privacy.Office{b.web, b.worker} {
		o.Files(privacy.Filing{Vault: v.Files(), Scanner: scanner, Limit: fileLimit})
	}
	return dir
}

type sentFile struct{ name, body string }

func files(all ...sentFile) privacy.Uploads {
	return func(yield func(privacy.Upload, error) bool) {
		for _, f := range all {
			if !yield(privacy.Upload{Name: f.name, Body: strings.NewReader(f.body)}, nil) {
				return
			}
		}
	}
}

// sealedFiles counts what lies in the vault.
func sealedFiles(t *testing.T, dir string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(found)
}

// zipOf makes a ZIP of entries, "name" or "name\x00content".
func zipOf(t *testing.T, stored bool, entries ...string) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		name, content, _ := strings.Cut(e, "\x00")
		method := zip.Deflate
		if stored {
			method = zip.Store
		}
		h := &zip.FileHeader{Name: name, Method: method}
		if stored { // without a data descriptor, as office programs write it
			h.CRC32, h.CompressedSize64, h.UncompressedSize64 = crc32.ChecksumIEEE([]byte(content)), uint64(len(content)), uint64(len(content))
			f, err := w.CreateRaw(h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = f.Write([]byte(content)) // into memory
			continue
		}
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = f.Write([]byte(content)) // into memory
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func docx(t *testing.T, more ...string) string {
	return zipOf(t, false, append([]string{"[Content_Types].xml\x00<Types/>", "word/document.xml\x00<w:document/>"}, more...)...)
}

const (
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"
	pdf  = "%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
	webp = "RIFF\x24\x00\x00\x00WEBPVP8 \x18\x00\x00\x00"
	heic = "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"
)

func TestHostileAndHarmlessFiles(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	_, scanner := malwaretest.Start(t)
	dir := b.takesFiles(t, scanner)
	r := b.verified(t, privacy.Access)
	bomb := zipOf(t, false, "[Content_Types].xml\x00<Types/>", "word/document.xml\x00"+strings.Repeat("\x00", 40<<20))
	entries := make([]string, 2100)
	for i := range entries {
		entries[i] = fmt.Sprintf("word/%d", i)
	}
	for _, tt := range []struct {
		what, name, body string
		refused          string // key of the sentence; "" if the file is taken
		called           string // what it is called then
	}{
		{"a PDF", "letter.pdf", pdf, "", "letter.pdf"},
		{"a picture", "IMG 1.PNG", png, "", "IMG 1.png"},
		{"a photo", "photo.jpeg", "\xff\xd8\xff\xe0\x00\x10JFIF", "", "photo.jpeg"},
		{"a picture of the web", "sticker.webp", webp, "", "sticker.webp"},
		{"a photo of a telephone", "IMG_0001.HEIC", heic, "", "IMG_0001.heic"},
		{"a text in any script", "نص.txt", "مرحبا\r\nGrüße\n", "", "نص.txt"},
		{"a document", "letter.docx", docx(t), "", "letter.docx"},
		{"an open document", "letter.odt", zipOf(t, true, "mimetype\x00application/vnd.oasis.opendocument.text", "content.xml\x00<x/>"), "", "letter.odt"},
		{"the biggest file", "big.pdf", pdf + strings.Repeat(" ", fileLimit-len(pdf)), "", "big.pdf"},
		{"a PDF that is a ZIP as well is a PDF", "both.pdf", pdf + docx(t), "", "both.pdf"},

		{"one byte too many", "big.pdf", pdf + strings.Repeat(" ", fileLimit-len(pdf)+1), "file_big", ""},
		{"nothing", "empty.pdf", "", "file_empty", ""},
		{"a drawing that can run scripts", "drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "file_type", ""},
		{"a drawing by another name", "drawing.png", "<svg xmlns='http://www.w3.org/2000/svg'/>", "file_other", ""},
		{"a drawing as a text", "drawing.txt", "\ufeff  \n<svg onload='alert(1)'/>", "file_other", ""},
		{"a page", "page.html", "<html>", "file_type", ""},
		{"a page as a text", "page.txt", "<!DOCTYPE html><script>alert(1)</script>", "file_other", ""},
		{"a script as a text", "page.txt", "hello <script src=//evil.example></script>", "file_other", ""},
		{"a page that begins like a picture", "gif.png", "GIF89a/*<script>*/", "file_other", ""},
		{"a PDF behind something else", "late.pdf", "<html>" + pdf, "file_other", ""},
		{"a program", "setup.exe", "MZ\x90\x00", "file_type", ""},
		{"a program as a picture", "photo.jpg", "MZ\x90\x00", "file_other", ""},
		{"two extensions, the last one bad", "photo.jpg.exe", "\xff\xd8\xff", "file_type", ""},
		{"two extensions, the last one good", "photo.exe.pdf", pdf, "", "photo-exe.pdf"},
		{"a text with control characters", "bell.txt", "hello\x07", "file_other", ""},
		{"a text that is no text", "bytes.txt", "hello \xff\xfe", "file_other", ""},
		{"a text cut in a character", "cut.txt", strings.Repeat("a", 70_000) + "\xe2\x82", "file_other", ""},
		{"a bomb", "bomb.docx", bomb, "file_other", ""},
		{"a document of too many parts", "many.docx", docx(t, entries...), "file_other", ""},
		{"a document with macros", "macro.docx", docx(t, "word/vbaProject.bin\x00x"), "file_other", ""},
		{"a document with a way out", "slip.docx", docx(t, "../../etc/passwd\x00x"), "file_other", ""},
		{"an archive as a document", "archive.docx", zipOf(t, false, "setup.exe\x00MZ"), "file_other", ""},
		{"half a document", "half.docx", docx(t)[:120], "file_other", ""},
		{"an archive", "archive.zip", docx(t), "file_type", ""},
		{"no extension", "README", "hello", "file_type", ""},
		{"a name that is a path", `..\..\windows\win.txt`, "hello", "", "win.txt"},
		{"a name that leads out", "../../../etc/cron.d/x.txt", "hello", "", "x.txt"},
		{"a name that writes backwards", "photo\u202etxt.gpj.pdf", pdf, "", "photo_txt-gpj.pdf"},
		{"a name with lines and quotes", "a\"b\r\nX-Evil: 1'.pdf", pdf, "", "a_b X-Evil_ 1_.pdf"},
		{"a name of a device", "CON.txt", "hello", "", "_CON.txt"},
		{"a name of nothing", "....txt", "hello", "", "file.txt"},
		{"a name without end", strings.Repeat("n", 500) + ".txt", "hello", "", strings.Repeat("n", 100) + ".txt"},
		{"malware", "nice.pdf", pdf + malwaretest.Bad, "file_infected", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			if _, err := b.db.Exec(t.Context(), "DELETE FROM auth_buckets"); err != nil { // the limit a day is another test's
				t.Fatal(err)
			}
			before := sealedFiles(t, dir)
			kept, err := b.web.TakeOwn(t.Context(), "ada@example.com", r.Ref, files(sentFile{tt.name, tt.body}))
			if tt.refused != "" {
				wants(t, err, fault.Invalid, "files")
				if e := err.(*fault.Error); e.Fields["files"].Key != "duties.error."+tt.refused {
					t.Errorf("told %s", e.Fields["files"].Key)
				}
				if len(kept) != 0 || sealedFiles(t, dir) != before {
					t.Error("something of it was kept")
				}
				return
			}
			if err != nil || len(kept) != 1 || kept[0].Name != tt.called || kept[0].Size != int64(len(tt.body)) || kept[0].Scan != privacy.ScanClean {
				t.Fatalf("kept %+v, %v", kept, err)
			}
			if err := b.web.WriteToStaff(t.Context(), "ada@example.com", r.Ref, tt.what, kept[0].ID); err != nil {
				t.Fatal(err)
			}
			_, body, err := b.web.OpenOwn(t.Context(), "ada@example.com", r.Ref, kept[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			defer body.Close()
			if got, err := io.ReadAll(body); err != nil || string(got) != tt.body {
				t.Errorf("%d bytes came back, %v", len(got), err)
			}
		})
	}
	// Nothing of what was sent lies in the vault as it was sent.
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(found) == 0 {
		t.Fatal(found, err)
	}
	for _, name := range found {
		if b, err := os.ReadFile(name); err != nil || bytes.Contains(b, []byte("%PDF")) || bytes.Contains(b, []byte("IHDR")) {
			t.Errorf("%s is not sealed: %v", filepath.Base(name), err)
		}
	}
}

// take sends one harmless file and gives it.
func (b *bench) take(t *testing.T, r privacy.Request, name string) privacy.Attachment {
	t.Helper()
	kept, err := b.web.TakeOwn(t.Context(), "ada@example.com", r.Ref, files(sentFile{name, "words of " + name}))
	if err != nil || len(kept) != 1 {
		t.Fatal(kept, err)
	}
	return kept[0]
}

func TestFilesGoWithTheirWritersMessage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.takesFiles(t, nil)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	mine := b.take(t, r, "mine.txt")
	_, _, err := b.web.OpenOwn(ctx, "ada@example.com", r.Ref, mine.ID)
	wants(t, err, fault.NotFound, "") // nobody sent it yet
	theirs, err := b.web.Take(ctx, b.agent, r.ID, files(sentFile{"note.txt", "inside"}))
	if err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "", theirs[0].ID), fault.Invalid, "body") // not the person's file
	for range 2 {                                                                                        // a double click
		if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "", mine.ID); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.web.WriteToPerson(ctx, b.agent, r.ID, "for us", true, theirs[0].ID); err != nil {
		t.Fatal(err)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || len(m.Messages) != 1 || len(m.Messages[0].Files) != 1 || m.Messages[0].Files[0].ID != mine.ID {
		t.Fatalf("the person sees %+v, %v", m.Messages, err)
	}
	_, _, err = b.web.OpenOwn(ctx, "ada@example.com", r.Ref, theirs[0].ID)
	wants(t, err, fault.NotFound, "") // it belongs to a note
	_, _, err = b.web.OpenOwn(ctx, "eve@example.com", r.Ref, mine.ID)
	wants(t, err, fault.NotFound, "")
	other := b.verified(t, privacy.Deletion)
	_, _, err = b.web.OpenOwn(ctx, "ada@example.com", other.Ref, mine.ID)
	wants(t, err, fault.NotFound, "")
	wants(t, b.web.WriteToStaff(ctx, "ada@example.com", other.Ref, "", mine.ID), fault.Invalid, "body")
	_, body, err := b.web.OpenFile(ctx, b.agent, r.ID, mine.ID)
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	_, _, err = b.web.OpenFile(ctx, b.auditor, r.ID, mine.ID)
	wants(t, err, fault.Forbidden, "")
	if n := b.count(t, "SELECT count(*) FROM audit_events WHERE action = 'file.opened'"); n != 1 {
		t.Errorf("%d entries", n)
	}
	for _, role := range []string{"portal_web", "portal_worker"} {
		refuses(t, b.db, role, "take a file to another request", "UPDATE attachments SET request_id = '"+other.ID.String()+"'")
		refuses(t, b.db, role, "give a file another key", "UPDATE attachments SET key = '\\x00'")
	}
	refuses(t, b.db, "portal_web", "call a file clean", "UPDATE attachments SET scan = 'clean'")
}

func TestAFileWaitsForTheScanner(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	scan, scanner := malwaretest.Start(t)
	dir := b.takesFiles(t, scanner)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	scan.Down(true)
	good := b.take(t, r, "good.txt")
	kept, err := b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(sentFile{"bad.txt", malwaretest.Bad}))
	if err != nil || good.Scan != privacy.ScanWaiting {
		t.Fatal(good, err)
	}
	bad := kept[0]
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "two files", good.ID, bad.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err = b.web.OpenFile(ctx, b.agent, r.ID, good.ID)
	wants(t, err, fault.Conflict, "duties.error.file_waits")
	if n, err := b.worker.RescanFiles(ctx); n != 0 || err != nil {
		t.Fatalf("RescanFiles = %d, %v while the scanner is down", n, err)
	}
	scan.Down(false)
	if n, err := b.worker.RescanFiles(ctx); n != 2 || err != nil {
		t.Fatalf("RescanFiles = %d, %v", n, err)
	}
	_, body, err := b.web.OpenFile(ctx, b.agent, r.ID, good.ID)
	if err != nil {
		t.Fatal(err)
	}
	body.Close()
	_, _, err = b.web.OpenFile(ctx, b.agent, r.ID, bad.ID)
	wants(t, err, fault.Expired, "duties.error.file_gone")
	if n := sealedFiles(t, dir); n != 1 {
		t.Errorf("%d files lie in the vault", n)
	}
	m, err := b.web.Mine(ctx, "ada@example.com", r.Ref)
	if err != nil || len(m.Messages[0].Files) != 2 || m.Messages[0].Files[1].Scan != privacy.ScanInfected || !m.Messages[0].Files[1].Gone {
		t.Errorf("the person sees %+v, %v", m.Messages, err)
	}
}

func TestFilesCountAgainstTheirLimits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.takesFiles(t, nil)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	many := make([]sentFile, privacy.MaxFiles+1)
	for i := range many {
		many[i] = sentFile{fmt.Sprintf("%d.txt", i), "x"}
	}
	kept, err := b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(many...))
	wants(t, err, fault.Invalid, "files")
	if len(kept) != privacy.MaxFiles {
		t.Errorf("%d were kept", len(kept))
	}
	if _, err := b.db.Exec(ctx, "UPDATE attachments SET size = $1 WHERE id = $2", 20*fileLimit-10, kept[0].ID); err != nil {
		t.Fatal(err)
	}
	_, err = b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files(sentFile{"more.txt", "more than ten bytes"}))
	wants(t, err, fault.Invalid, "files")
	if e := err.(*fault.Error); e.Fields["files"].Key != "duties.error.files_full" {
		t.Errorf("told %s", e.Fields["files"].Key)
	}
	for range 60 {
		if _, err = b.web.TakeOwn(ctx, "ada@example.com", r.Ref, files()); err != nil {
			break
		}
	}
	wants(t, err, fault.TooMany, "")
	typed, err := b.web.Submit(ctx, submission(privacy.Access))
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.web.TakeOwn(ctx, "ada@example.com", typed.Ref, files(sentFile{"a.txt", "x"}))
	wants(t, err, fault.Conflict, "error.not_confirmed_yet")
}

func TestFilesGoWhenTheirTimeIsOver(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	dir := b.takesFiles(t, nil)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	sent, unsent, passport := b.take(t, r, "sent.txt"), b.take(t, r, "unsent.txt"), b.take(t, r, "passport.txt")
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "here", sent.ID, passport.ID); err != nil {
		t.Fatal(err)
	}
	if err := b.web.Vouch(ctx, b.agent, r.ID, privacy.CheckDocument, "looked at a masked passport", passport.ID); err != nil {
		t.Fatal(err)
	}
	age := func() { // the vault takes a file for forgotten when it is an hour old
		found, _ := filepath.Glob(filepath.Join(dir, "*")) // the pattern is well formed
		for _, name := range found {
			if err := os.Chtimes(name, time.Time{}, time.Now().Add(-2*time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	there := func(what string, want ...uuid.UUID) {
		t.Helper()
		age()
		if _, err := b.worker.SweepFiles(ctx); err != nil {
			t.Fatal(err)
		}
		if n := sealedFiles(t, dir); n != len(want) {
			t.Errorf("%s: %d files lie in the vault, want %d", what, n, len(want))
		}
		for _, id := range want {
			if b.count(t, "SELECT count(*) FROM attachments WHERE id = $1 AND key IS NOT NULL", id) != 1 {
				t.Errorf("%s: a file is gone too early", what)
			}
		}
	}
	there("at once", sent.ID, unsent.ID, passport.ID)
	*b.clock = b.clock.Add(25 * time.Hour)
	there("what was never sent goes after a day", sent.ID, passport.ID)
	*b.clock = b.clock.AddDate(0, 0, 7)
	there("a passport goes after a week", sent.ID)
	if n := b.count(t, "SELECT count(*) FROM attachments WHERE id = $1 AND name = ''", passport.ID); n != 1 {
		t.Error("what it was called is still there")
	}
	if err := b.web.Withdraw(ctx, "ada@example.com", r.Ref); err != nil {
		t.Fatal(err)
	}
	there("a closed case keeps its files for a while", sent.ID)
	*b.clock = b.clock.AddDate(0, 0, 91)
	there("and then no longer")
	late := b.take(t, r, "late.txt") // the person writes once more
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "late", late.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := b.db.Exec(ctx, "UPDATE attachments SET made_at = $1 WHERE id = $2", *b.clock, late.ID); err != nil { // the database has a clock of its own
		t.Fatal(err)
	}
	there("what comes after that stays for a while", late.ID)
}

func TestAFileIsDroppedByHand(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.takesFiles(t, nil)
	ctx := t.Context()
	r := b.verified(t, privacy.Access)
	f := b.take(t, r, "f.txt")
	if err := b.web.WriteToStaff(ctx, "ada@example.com", r.Ref, "here", f.ID); err != nil {
		t.Fatal(err)
	}
	wants(t, b.web.DropFile(ctx, b.auditor, r.ID, f.ID), fault.Forbidden, "")
	for range 2 {
		if err := b.web.DropFile(ctx, b.agent, r.ID, f.ID); err != nil {
			t.Fatal(err)
		}
	}
	_, _, err := b.web.OpenOwn(ctx, "ada@example.com", r.Ref, f.ID)
	wants(t, err, fault.Expired, "duties.error.file_gone")
}
