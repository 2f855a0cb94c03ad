package export

import (
	"strings"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A sheet stands beside each part of a package and is never handed over: what
// people wrote, conversation by conversation, with what is hidden in it, so that
// staff who may read content can review it without a way to the store.

// Sheet names the sealed sheet of a part; the zero value is none.
type Sheet struct{ Artifact }

// MarkState is what becomes of a mark.
type MarkState string

const (
	MarkHidden MarkState = "hidden"
	MarkKept   MarkState = "kept"
	MarkOpen   MarkState = "open" // a suggestion that nobody has decided
)

// SheetMark is a place in a text that may speak of somebody else, or that is
// never disclosed: as it was found, before any decision of staff.
type SheetMark struct {
	Start int    `json:"s"`
	End   int    `json:"e"`
	Kind  string `json:"k"`
	Who   string `json:"w,omitempty"` // the other person, as a token; "" for nobody certain
	Sure  bool   `json:"q,omitempty"` // hidden unless staff keep it; else staff decide
	Never bool   `json:"n,omitempty"` // never disclosed, whatever staff say
}

// SheetText is one value with words that people wrote.
type SheetText struct {
	Place string      `json:"p"`           // names the value: table, key, column
	Title int         `json:"c"`           // of its column, in SheetIndex.Titles
	Path  string      `json:"j,omitempty"` // where it stands in a JSON value
	Sum   string      `json:"h,omitempty"` // keyed digest of the text, for decisions; where something in it is marked
	Text  string      `json:"x"`
	Out   *string     `json:"o,omitempty"` // as it is in the package, where that is another text
	Marks []SheetMark `json:"m,omitempty"`
}

// Delivered is the text as it is in the package.
func (t SheetText) Delivered() string {
	if t.Out == nil {
		return t.Text
	}
	return *t.Out
}

// Who wrote a message.
const (
	ByUnknown = 0
	BySubject = 1
	ByOther   = 2
)

// SheetMessage is one row with what people wrote in it.
type SheetMessage struct {
	Row    string      `json:"r"` // names it: table, key
	At     string      `json:"t,omitempty"`
	Author int         `json:"a"`
	Texts  []SheetText `json:"x"`
}

// SheetTalk is a conversation: the rows of one part that belong together.
type SheetTalk struct {
	Key      string       `json:"key"`
	Title    datamap.Text `json:"title"` // of the table in which it was first met
	Messages int          `json:"messages"`
	Hidden   int          `json:"hidden"`
	Kept     int          `json:"kept"`
	Open     int          `json:"open"`
	First    string       `json:"first,omitempty"`
	Last     string       `json:"last,omitempty"`
	Blocks   []SheetBlock `json:"blocks"`
}

// SheetBlock is where some messages of a conversation stand.
type SheetBlock struct {
	At   int64 `json:"at"`
	Size int   `json:"size"`
	N    int   `json:"n"`
}

// SheetSuggestion is a mark that is not sure: staff decide it, or have decided.
type SheetSuggestion struct {
	SheetMark
	Talk    int    `json:"c"` // in SheetIndex.Talks
	Message int    `json:"i"` // in the conversation, from 0
	Text    int    `json:"x"` // of the message
	Place   string `json:"p"`
	Sum     string `json:"h"`
	Word    string `json:"d"`
	Around  string `json:"r"` // the text about it, whole words, Context bytes on each side if there are as many
	Before  int    `json:"b"` // where the word begins in it
}

// Context is how much of a text a suggestion brings along on each side.
const Context = 80

// Surround takes what stands around a suggestion from its text.
func (s *SheetSuggestion) Surround(text string) {
	start, end := max(0, s.Start-Context), min(len(text), s.End+Context)
	if start > 0 {
		if i := strings.IndexByte(text[start:s.Start], ' '); i >= 0 {
			start += i + 1
		} else {
			start = s.Start
		}
	}
	if end < len(text) {
		end = s.End + max(0, strings.LastIndexByte(text[s.End:end], ' '))
	}
	s.Word, s.Around, s.Before = text[s.Start:s.End], text[start:end], s.Start-start
}

// SheetPerson is somebody else of whom the part speaks.
type SheetPerson struct {
	Who    string `json:"who"` // token
	As     string `json:"as,omitempty"`
	Label  string `json:"label"` // for staff: as the store or the text names them
	Hidden int    `json:"hidden"`
	Kept   int    `json:"kept"`
	Open   int    `json:"open"`
}

// SheetFile is an attachment.
type SheetFile struct {
	Place    string `json:"place"`
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	Own      bool   `json:"own"`      // the person sent it
	Withheld bool   `json:"withheld"` // listed in the package and not in it
}

// SheetIndex is what a sheet begins to be read with.
type SheetIndex struct {
	Set    uuid.UUID         `json:"set"`
	Part   int               `json:"part"`
	SHA256 string            `json:"sha256"` // of the ZIP that stands beside it
	Titles []datamap.Text    `json:"titles"`
	Talks  []SheetTalk       `json:"talks"`
	Asked  []SheetSuggestion `json:"asked"`
	People []SheetPerson     `json:"people"`
	Files  []SheetFile       `json:"files"`
	Masked Masked            `json:"masked"`
	Names  []byte            `json:"names"` // the pseudonyms given so far, for the next part
}

// SheetTotals counts what a sheet, or all of a package, has.
type SheetTotals struct {
	Talks    int `json:"talks"`
	Messages int `json:"messages"`
	Hidden   int `json:"hidden"`
	Kept     int `json:"kept"`
	Open     int `json:"open"`
	Files    int `json:"files"`
	Withheld int `json:"withheld"`
}

// Totals counts what the sheet has.
func (i SheetIndex) Totals() SheetTotals {
	t := SheetTotals{Talks: len(i.Talks), Files: len(i.Files)}
	for _, one := range i.Talks {
		t.Messages, t.Hidden, t.Kept, t.Open = t.Messages+one.Messages, t.Hidden+one.Hidden, t.Kept+one.Kept, t.Open+one.Open
	}
	for _, f := range i.Files {
		if f.Withheld {
			t.Withheld++
		}
	}
	return t
}

// Add counts another part. A conversation that goes on there counts once for
// each part.
func (t *SheetTotals) Add(o SheetTotals) {
	t.Talks, t.Messages, t.Hidden, t.Kept, t.Open = t.Talks+o.Talks, t.Messages+o.Messages, t.Hidden+o.Hidden, t.Kept+o.Kept, t.Open+o.Open
	t.Files, t.Withheld = t.Files+o.Files, t.Withheld+o.Withheld
}
