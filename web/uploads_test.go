package web_test

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
	"github.com/crowsstack/privacy-portal/web/webtest"
)

// part is one part of a form with files: a field, or a file.
type part struct{ name, file, body string }

// form writes parts as a browser does.
func form(t *testing.T, parts ...part) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, p := range parts {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"`, p.name)}}
		if p.file != "" || p.name == "files" {
			h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.name, strings.NewReplacer(`\`, `\\`, `"`, "%22", "\r", "%0D", "\n", "%0A").Replace(p.file)))
			h.Set("Content-Type", "text/html") // what the browser says of it counts nothing
		}
		to, err := w.CreatePart(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(to, p.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return body, w.FormDataContentType()
}

func send(t *testing.T, s *webtest.Site, b *webtest.Browser, path string, parts ...part) *webtest.Page {
	t.Helper()
	body, kind := form(t, parts...)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Origin", s.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.Do(r)
}

const pdf = "%PDF-1.7\n<script>alert(1)</script>\n%%EOF\n"

// saved checks that a download can do nothing but be saved, whatever is in it.
func saved(t *testing.T, p *webtest.Page, name, body string) {
	t.Helper()
	for header, want := range map[string]string{
		"Content-Type": "application/octet-stream", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
		"Cache-Control": "no-store", "Cross-Origin-Resource-Policy": "same-origin",
	} {
		if got := p.Header.Get(header); got != want {
			t.Errorf("%s is %q, want %q", header, got, want)
		}
	}
	if got := p.Header.Get("Content-Disposition"); !strings.HasPrefix(got, `attachment; filename="`) || !strings.HasSuffix(got, name) {
		t.Errorf("Content-Disposition is %q, want an attachment called %q", got, name)
	}
	if p.Status != http.StatusOK || p.Body != body {
		t.Errorf("%d with %d bytes, want %d", p.Status, len(p.Body), len(body))
	}
}

func TestFilesGoBothWaysAndAreOnlySaved(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	mine, messages := link.MyRequest(string(r.Ref)), link.MyAction(string(r.Ref), "messages")
	if b.Get(mine).Find(`form[enctype="multipart/form-data"] input[type="file"][name="files"]`).Length() != 1 {
		t.Fatal("no files can be chosen")
	}
	send(t, s, b, messages, part{"body", "", "Here is the letter."}, part{"files", `Brief "neu" – Müller.pdf`, pdf}).Is(200, mine+"?done=message")
	p := b.Get(mine)
	href := p.Find(`[data-test="files"] a`).AttrOr("href", "")
	saved(t, b.Get(href), `Brief%20_22neu_22%20%E2%80%93%20M%C3%BCller.pdf`, pdf)

	// Nobody else gets it, nor does somebody without a session.
	if got := s.Browser().Get(href); got.Status == http.StatusOK && strings.Contains(got.Body, "%PDF") {
		t.Error("the file is open to everybody")
	}
	_, other := confirmed(t, s, privacy.Deletion)
	if got := b.Get(strings.Replace(href, string(r.Ref), string(other.Ref), 1)); got.Status != http.StatusNotFound {
		t.Errorf("it is found under another request: %d", got.Status)
	}
	b.Get(link.MyRequest(string(r.Ref))+"/files/nothing").Is(404, mine+"/files/nothing")

	desk := member(t, s, s.Agent.ID.String())
	tab := link.DeskTab(string(r.Ref), "messages")
	id := desk.Get(tab).Find(`form[action$="/file"] input[name="file"]`).AttrOr("value", "")
	saved(t, desk.Post(link.DeskTab(string(r.Ref), "file"), "token", "token", "file", id), `Brief%20_22neu_22%20%E2%80%93%20M%C3%BCller.pdf`, pdf)
	send(t, s, desk, tab, part{"token", "", "token"}, part{"tab", "", "messages"}, part{"body", "", "And ours."}, part{"files", "ours.txt", "words"}).Is(200, tab)
	send(t, s, desk, tab, part{"token", "", "token"}, part{"tab", "", "messages"}, part{"body", "", "Only for us."}, part{"files", "inside.txt", "secret"}, part{"note", "", "1"}).Is(200, tab)
	text := b.Get(mine).Text()
	if !strings.Contains(text, "ours.txt") || strings.Contains(text, "inside.txt") || strings.Contains(text, "Only for us.") {
		t.Error("the person does not see what was sent, or sees what was not")
	}
}

func TestAFileThatIsRefusedIsNamedAndNothingIsLost(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	mine, messages := link.MyRequest(string(r.Ref)), link.MyAction(string(r.Ref), "messages")
	for _, tt := range []struct {
		name, file, body, says string
	}{
		{"too big", "big.txt", strings.Repeat("x", webtest.FileLimit+1), "bigger than"},
		{"far too big", "big.txt", strings.Repeat("x", 8*webtest.FileLimit), "bigger than"},
		{"a drawing", "drawing.svg", "<svg onload='alert(1)'/>", "of a kind that we do not take"},
		{"a page by another name", "page.png", "<html><script>alert(1)</script>", "not what its name says"},
		{"nothing in it", "empty.pdf", "", "is empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := send(t, s, b, messages, part{"body", "", "What I wrote"}, part{"files", "good.pdf", pdf}, part{"files", tt.file, tt.body}, part{"files", "late.txt", "late"}).Is(422, messages)
			if p.Find(`#errors a[href="#files"]`).Length() != 1 || !strings.Contains(p.Find("#files-e").Text(), "File 2 ") || !strings.Contains(p.Find("#files-e").Text(), tt.says) {
				t.Errorf("the page says %q", p.Find("#files-e").Text())
			}
			if p.Find("#body").Text() != "What I wrote" || p.Find(`input[type="checkbox"][name="file"]`).Length() != 2 {
				t.Error("what was written or sent is lost")
			}
		})
	}
	// The good ones go with the next try.
	p := send(t, s, b, messages, part{"body", "", ""}, part{"files", "good.pdf", pdf}, part{"files", "bad.exe", "MZ"}).Is(422, messages)
	kept := p.Find(`input[type="checkbox"][name="file"]`).AttrOr("value", "")
	send(t, s, b, messages, part{"body", "", "Once more"}, part{"file", "", kept}, part{"files", "", ""}).Is(200, mine+"?done=message")
	if n := b.Get(mine).Find(`[data-test="files"] li`).Length(); n != 1 {
		t.Errorf("%d files went with the message", n)
	}
	// Six are one too many, also one after the other; and one can be left out.
	five := []part{{"body", "", ""}}
	for i := range privacy.MaxFiles {
		five = append(five, part{"files", fmt.Sprintf("%d.txt", i), "words"})
	}
	p = send(t, s, b, messages, append(five, part{"files", "bad.exe", "MZ"})...).Is(422, messages)
	all := p.Find(`input[type="checkbox"][name="file"][checked]`).Map(func(_ int, c *goquery.Selection) string { return c.AttrOr("value", "") })
	next := []part{{"body", "", ""}, {"files", "sixth.txt", "words"}}
	for _, id := range all {
		next = append(next, part{"file", "", id})
	}
	p = send(t, s, b, messages, next...).Is(422, messages)
	if p.Find("#files-e").Length() != 1 || p.Find(`input[type="checkbox"][name="file"]`).Length() != privacy.MaxFiles+1 {
		t.Errorf("the page says %q and shows %d files", p.Find("#files-e").Text(), p.Find(`input[name="file"]`).Length())
	}
	// What somebody else sent cannot be named.
	other, theirs := confirmed(t, s, privacy.Deletion)
	send(t, s, other, link.MyAction(string(theirs.Ref), "messages"), part{"body", "", ""}, part{"file", "", kept}).Is(422, link.MyAction(string(theirs.Ref), "messages"))
}

func TestFormsWithFilesThatAreNone(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	b, r := confirmed(t, s, privacy.Access)
	messages := link.MyAction(string(r.Ref), "messages")
	post := func(path, kind, body string) int {
		q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		q.Header.Set("Content-Type", kind)
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		return b.Do(q).Status
	}
	fields := strings.Repeat("--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n", 300)
	for _, tt := range []struct {
		name, path, kind, body string
		want                   int
	}{
		{"no boundary", messages, "multipart/form-data", "x", 422},
		{"cut off", messages, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nHel", 422},
		{"no form at all", messages, "multipart/form-data; boundary=x", "", 422},
		{"a file cut off", messages, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a.txt\"\r\n\r\nHel", 422},
		{"a field without end", messages, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\n" + strings.Repeat("x", 300<<10) + "\r\n--x--", 413},
		{"fields without end", messages, "multipart/form-data; boundary=x", fields + "--x--", 413},
		{"more than all files may have", messages, "multipart/form-data; boundary=x", strings.Repeat("x", 2<<20), 413},
		{"a form that takes no files", link.My, "multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@example.com\r\n--x--", 422},
	} {
		if got := post(tt.path, tt.kind, tt.body); got != tt.want {
			t.Errorf("%s gives %d, want %d", tt.name, got, tt.want)
		}
	}
	// Without a session what was written is shown again, and no file is read.
	body, kind := form(t, part{"body", "", "Dear you"}, part{"files", "a.pdf", pdf})
	q, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+messages, body)
	if err != nil {
		t.Fatal(err)
	}
	q.Header.Set("Content-Type", kind)
	q.Header.Set("Sec-Fetch-Site", "same-origin")
	if p := s.Browser().Do(q); p.Status != 419 || p.Find("#body").Text() != "Dear you" {
		t.Errorf("%d, and the message is %q", p.Status, p.Find("#body").Text())
	}
	if n := s.Count("SELECT count(*) FROM attachments"); n != 0 {
		t.Errorf("%d files were kept", n)
	}
}
