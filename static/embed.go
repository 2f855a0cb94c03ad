// Package static holds the stylesheet, the scripts, the fonts and the icon, and
// names each by its content, so that a browser may keep it for ever.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed app.css app.js passkey.js favicon.svg fonts/*.woff2
var files embed.FS

// Prefix is where assets are served.
const Prefix = "/static/"

type asset struct {
	body   []byte
	packed []byte // gzip; nil where that saves nothing
	kind   string
}

var (
	urls   = map[string]string{} // "app.css" → "/static/app.<hash>.css"
	assets = map[string]asset{}  // the same, by URL
)

// The fonts come first: the stylesheet names them, and its own hash must change
// with theirs.
var order = []string{"fonts/ahn-latin.woff2", "fonts/ahn-latin-ext.woff2", "fonts/ahm-latin.woff2", "favicon.svg", "app.js", "passkey.js", "app.css"}

func init() {
	for _, name := range order {
		body, err := files.ReadFile(name)
		if err != nil {
			panic("asset " + name + ": " + err.Error())
		}
		if name == "app.css" {
			for font, url := range urls {
				body = bytes.ReplaceAll(body, []byte(`url("`+font+`")`), []byte(`url("`+url+`")`))
			}
		}
		sum := sha256.Sum256(body)
		ext := path.Ext(name)
		url := Prefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:])[:10] + ext
		a := asset{body: body, kind: contentType(ext)}
		if ext != ".woff2" { // compressed already
			a.packed = Pack(body)
		}
		urls[name], assets[url] = url, a
	}
}

func contentType(ext string) string {
	switch ext {
	case ".woff2":
		return "font/woff2"
	case ".js":
		return "text/javascript; charset=utf-8"
	}
	return mime.TypeByExtension(ext)
}

// URL gives the address of an asset by its file name. An unknown name is a
// mistake in a template and panics.
func URL(name string) string {
	url, ok := urls[name]
	if !ok {
		panic("no asset called " + name)
	}
	return url
}

// Serve answers for one asset; anything else below Prefix is not found.
func Serve(w http.ResponseWriter, r *http.Request) bool {
	a, ok := assets[r.URL.Path]
	if !ok {
		return false
	}
	h, body := w.Header(), a.body
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if Unpacks(r) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away
	}
	return true
}

// Pack compresses what is the same for everybody. Pages that hold something
// personal are never compressed: their size would tell about it.
func Pack(body []byte) []byte {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = z.Write(body) // into memory: cannot fail
	_ = z.Close()
	return b.Bytes()
}

// Unpacks says whether the browser takes what Pack makes.
func Unpacks(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
}
