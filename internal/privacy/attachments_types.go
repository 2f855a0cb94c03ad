package privacy

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Scan is what is known of a file. Catalogue: "duties.scan.<scan>".
type Scan string

const (
	ScanOff      Scan = "off"     // there is no scanner
	ScanWaiting  Scan = "waiting" // the scanner has not answered yet
	ScanClean    Scan = "clean"
	ScanInfected Scan = "infected" // and thrown away
)

// fileType is a kind of file that is taken in. What a file is called and what
// its bytes say must agree; nothing is ever decoded, unpacked or shown.
type fileType struct {
	exts   []string
	mime   string
	begins func(head []byte) bool
	inside func(*zip.Reader) bool // of documents that are ZIPs
}

// FileTypes is what people may send, as the page tells it.
const FileTypes = ".pdf,.png,.jpg,.jpeg,.webp,.heic,.txt,.docx,.xlsx,.odt,.ods"

var fileTypes = []fileType{
	{exts: []string{".pdf"}, mime: "application/pdf", begins: starts("%PDF-")},
	{exts: []string{".png"}, mime: "image/png", begins: starts("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")},
	{exts: []string{".jpg", ".jpeg"}, mime: "image/jpeg", begins: starts("\xff\xd8\xff")},
	{exts: []string{".webp"}, mime: "image/webp", begins: func(h []byte) bool {
		return len(h) >= 16 && string(h[:4]) == "RIFF" && string(h[8:15]) == "WEBPVP8"
	}},
	{exts: []string{".heic"}, mime: "image/heic", begins: func(h []byte) bool {
		return len(h) >= 12 && string(h[4:8]) == "ftyp" && slices.Contains([]string{"heic", "heix", "mif1", "msf1"}, string(h[8:12]))
	}},
	{exts: []string{".txt"}, mime: "text/plain", begins: plain},
	{exts: []string{".docx"}, mime: "application/vnd.openxmlformats-officedocument.wordprocessingml.document", begins: starts("PK\x03\x04"), inside: office("word/document.xml")},
	{exts: []string{".xlsx"}, mime: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", begins: starts("PK\x03\x04"), inside: office("xl/workbook.xml")},
	{exts: []string{".odt"}, mime: "application/vnd.oasis.opendocument.text", begins: openDocument("text"), inside: office("content.xml")},
	{exts: []string{".ods"}, mime: "application/vnd.oasis.opendocument.spreadsheet", begins: openDocument("spreadsheet"), inside: office("content.xml")},
}

// typeOf picks the type by what the file is called: its last extension counts.
func typeOf(name string) (fileType, bool) {
	ext := strings.ToLower(path.Ext(name))
	i := slices.IndexFunc(fileTypes, func(t fileType) bool { return slices.Contains(t.exts, ext) })
	if i < 0 {
		return fileType{}, false
	}
	return fileTypes[i], true
}

func starts(magic string) func([]byte) bool {
	return func(head []byte) bool { return bytes.HasPrefix(head, []byte(magic)) }
}

// openDocument says in its first bytes what it is: the entry "mimetype" comes
// first and is not compressed.
func openDocument(what string) func([]byte) bool {
	const fixed = 30 // bytes of an entry before its name
	want := "mimetypeapplication/vnd.oasis.opendocument." + what
	return func(head []byte) bool {
		return starts("PK\x03\x04")(head) && len(head) > fixed && bytes.HasPrefix(head[fixed:], []byte(want))
	}
}

// plain says that a text does not begin like a page or a picture of the web,
// which some programs would take it for.
func plain(head []byte) bool {
	text := strings.ToLower(strings.TrimLeftFunc(strings.TrimPrefix(string(head), "\ufeff"), unicode.IsSpace))
	return text != "" && !strings.HasPrefix(text, "<") && !strings.Contains(text, "<script") && !strings.HasPrefix(text, "%pdf") && !strings.HasPrefix(text, "{\\rtf")
}

// What a document may unpack to. It is never unpacked here; whoever opens it
// does that.
const (
	maxEntries  = 2000
	maxUnpacked = 200 << 20
	maxRatio    = 200
)

// office says that a ZIP is a document with this part, without macros and
// without a size that is a trap.
func office(part string) func(*zip.Reader) bool {
	return func(z *zip.Reader) bool {
		if len(z.File) > maxEntries {
			return false
		}
		var packed, unpacked uint64
		found := false
		for _, f := range z.File {
			packed, unpacked = packed+f.CompressedSize64, unpacked+f.UncompressedSize64
			if f.UncompressedSize64 > maxUnpacked || unpacked > maxUnpacked {
				return false
			}
			name := strings.ToLower(f.Name)
			if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "basic/") || strings.Contains(name, "..") || f.Flags&1 != 0 {
				return false // macros, a way out, a password
			}
			found = found || f.Name == part
		}
		return found && unpacked <= 1<<20+maxRatio*packed
	}
}

var errOtherFile = errors.New("the file is not what its name says")

// checkInside looks at the directory of a document that is a ZIP.
func (t fileType) checkInside(r io.ReaderAt, size int64) error {
	if t.inside == nil {
		return nil
	}
	z, err := zip.NewReader(r, size)
	if err != nil || !t.inside(z) {
		return errOtherFile
	}
	return nil
}

// texts passes a plain text on and refuses bytes that are none.
type texts struct {
	w    io.Writer
	rest []byte // of a character that the next piece ends
}

func (t *texts) Write(p []byte) (int, error) {
	all := append(t.rest, p...)
	for len(all) > 0 {
		if !utf8.FullRune(all) {
			break
		}
		r, n := utf8.DecodeRune(all)
		if r == utf8.RuneError && n == 1 || unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\f", r) {
			return 0, errOtherFile
		}
		all = all[n:]
	}
	t.rest = bytes.Clone(all)
	return t.w.Write(p)
}

// end says whether the text ends in the middle of a character.
func (t *texts) end() error {
	if len(t.rest) > 0 {
		return errOtherFile
	}
	return nil
}

const maxFileName = 100 // characters

// safeName is what a file is called from now on: a name without folders, that
// no system takes for a device, whose only dot is before its extension.
func safeName(name string) string {
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	ext := strings.ToLower(path.Ext(name))
	stem := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune(`<>:"|?*;%&$`+"`'", r):
			return '_' // Cf holds the marks that turn the direction of writing
		case r == '.':
			return '-'
		}
		return r
	}, name[:len(name)-len(path.Ext(name))])
	stem = strings.Trim(strings.Join(strings.Fields(stem), " "), " -")
	if r := []rune(stem); len(r) > maxFileName {
		stem = strings.TrimSpace(string(r[:maxFileName]))
	}
	switch strings.ToUpper(stem) {
	case "":
		stem = "file"
	case "CON", "PRN", "AUX", "NUL", "COM1", "COM2", "COM3", "COM4", "COM5", "COM6", "COM7", "COM8", "COM9",
		"LPT1", "LPT2", "LPT3", "LPT4", "LPT5", "LPT6", "LPT7", "LPT8", "LPT9":
		stem = "_" + stem
	}
	return stem + ext
}
