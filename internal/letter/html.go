package letter

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strings"
)

//go:embed letter.html.tmpl
var pageSource string

//go:embed style.css
var style string

var page = template.Must(template.New("letter").Parse(pageSource))

// Policy is what the HTML form may do, in its header and wherever it is shown:
// use its own style. No script, no request, no form.
var Policy = func() string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
}()

// HTML writes the letter as a document that stands for itself.
func (l Letter) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := page.Execute(&b, struct {
		Letter
		Style  template.CSS
		Policy string
	}{l, template.CSS(style), Policy})
	if err != nil {
		return nil, fmt.Errorf("write a letter as HTML: %w", err)
	}
	return b.Bytes(), nil
}

var opens, closes = []byte("<article class=\"letter\">"), []byte("</article>")

// Article cuts the letter itself out of its HTML form: what a page of ours shows
// in a frame of its own.
func Article(html []byte) string {
	_, rest, ok := bytes.Cut(html, opens)
	inner, _, end := bytes.Cut(rest, closes)
	if !ok || !end {
		return ""
	}
	return string(opens) + string(inner) + string(closes)
}

// Inset is an article for a page that has a heading of its own above it. What
// stands between our own tags was escaped, so these are the only ones.
func Inset(article string) string { return demote.Replace(article) }

var demote = strings.NewReplacer("<h1>", "<h3>", "</h1>", "</h3>", "<h2>", "<h4>", "</h2>", "</h4>", "<h3>", "<h5>", "</h3>", "</h5>")
