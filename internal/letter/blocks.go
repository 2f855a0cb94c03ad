package letter

import (
	"slices"
	"strings"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/law"
)

// block is one part of a kind of letter: what fills it, and whether the letter
// may do without. A block without need is always needed.
type block struct {
	id   string
	need func(*writer) bool
	fill func(*writer) []Part
}

func never(*writer) bool { return false }

// asks says that the law at hand wants the block in an answer about data.
func asks(id string) func(*writer) bool {
	return func(w *writer) bool {
		return w.f.Right == "access" && slices.Contains(accessAsks[family(w.law.Code)], id)
	}
}

func right(rights ...string) func(*writer) bool {
	return func(w *writer) bool { return slices.Contains(rights, w.f.Right) }
}

func slot(id string) func(*writer) []Part { return func(w *writer) []Part { return w.say(id) } }

// ends are what every letter has below what it is about.
var ends = []block{{id: "remedies", fill: remedies}, {id: "contact", fill: contact}}

// blocks are the parts of each kind, in order.
var blocks = map[Kind][]block{
	Acknowledgement: append([]block{
		{id: "opening", fill: slot("acknowledgement.opening")},
		{id: "process", fill: process},
		{id: "due", fill: slot("acknowledgement.due")},
	}, ends...),
	Verification: append([]block{
		{id: "opening", fill: slot("verification.opening")},
		{id: "reason", need: never, fill: reason},
		{id: "asked", fill: asked},
		{id: "use", fill: slot("verification.use")},
		{id: "effect", fill: clockEffect},
	}, ends...),
	Clarification: append([]block{
		{id: "opening", fill: slot("clarification.opening")},
		{id: "reason", need: never, fill: reason},
		{id: "asked", fill: asked},
		{id: "effect", fill: clockEffect},
	}, ends...),
	Extension: append([]block{
		{id: "opening", fill: slot("extension.opening")},
		{id: "why_longer", fill: reason},
		{id: "effect", need: never, fill: slot("extension.effect")},
	}, ends...),
	Fulfilment:   slices.Concat([]block{{id: "opening", fill: fulfilment}}, answer, ends),
	Partial:      slices.Concat([]block{{id: "opening", fill: slot("partial.opening")}, {id: "items", fill: items}, {id: "reason", need: never, fill: reason}}, answer, ends),
	Refusal:      slices.Concat([]block{{id: "opening", fill: slot("refusal.opening")}, {id: "items", fill: items}, {id: "reason", fill: reason}, {id: "given", fill: slot("refusal.given")}}, ends),
	NothingFound: slices.Concat([]block{{id: "opening", fill: slot("nothing_found.opening")}, {id: "searched", fill: searched}}, ends),
	RestrictionLifted: append([]block{
		{id: "opening", fill: slot("restriction_lifted.opening")},
		{id: "items", need: never, fill: items},
		{id: "reason", need: never, fill: reason},
		{id: "effect", fill: slot("restriction_lifted.effect")},
	}, ends...),
	Redirected: append([]block{
		{id: "opening", fill: slot("redirected.opening")},
		{id: "owner", fill: owner},
		{id: "reason", need: never, fill: reason},
		{id: "effect", fill: slot("redirected.effect")},
	}, ends...),
	AppealDecided: append([]block{
		{id: "opening", fill: verdict},
		{id: "items", need: never, fill: items},
		{id: "reason", fill: reason},
	}, ends...),
}

// answer is what a right that was granted, whole or in part, has to tell.
var answer = []block{
	{id: "copy", need: right("access", "portability"), fill: handedOver},
	{id: "did", need: right("correction", "deletion", "restriction", "objection", "withdrawal", "opt_out", "shortened_retention"), fill: did},
	{id: "backups", need: right("deletion"), fill: only(slot("statement.backups"), "deletion")},
	{id: "beyond", need: never, fill: only(slot("statement.beyond"), "deletion")},
	{id: "told", need: never, fill: told},
	{id: "held", need: asks("categories"), fill: held},
	{id: "left_out", need: never, fill: leftOut},
	{id: "content", need: never, fill: only(slot("statement.content"), "access")},
	{id: "sale", need: asks("sale"), fill: sale},
	{id: "automated", need: asks("automated"), fill: only(slot("statement.automated"), "access")},
	{id: "rights", need: asks("rights"), fill: only(rights, "access")},
}

// accessAsks says what an answer about data must tell, law by law (law.md 4).
// What we know beyond it is told as well.
var accessAsks = map[string][]string{
	"EU":     {"categories", "purposes", "recipients", "period", "source", "automated", "rights"},
	"UK":     {"categories", "purposes", "recipients", "period", "source", "automated", "rights"},
	"CH":     {"categories", "purposes", "recipients", "period", "source", "automated"},
	"US-CA":  {"categories", "purposes", "recipients", "source", "sale"},
	"US":     {"categories"},
	"BR":     {"categories", "purposes", "recipients", "source", "automated"},
	"CA-FED": {"categories", "purposes", "recipients"},
	"CA-QC":  {"categories", "recipients", "period"},
	"CN":     {"categories", "purposes", "period"},
	"IN":     {"categories", "purposes", "recipients"},
	"ZA":     {"categories", "recipients"},
	"AU":     {"categories"},
	"NZ":     {"categories", "rights"},
	"SG":     {"categories", "purposes", "recipients"},
	"KR":     {"categories", "purposes", "recipients", "period"},
	"JP":     {"categories", "purposes"},
	"TR":     {"categories", "purposes", "recipients"},
	"AR":     {"categories", "purposes", "recipients", "source"},
}

// family is the law of which a regime is one place.
func family(code string) string {
	for _, known := range []string{code, strings.Split(code, "-")[0]} {
		if _, ok := accessAsks[known]; ok {
			return known
		}
	}
	return "EU"
}

// only keeps a block to one right.
func only(fill func(*writer) []Part, r string) func(*writer) []Part {
	return func(w *writer) []Part {
		if w.f.Right != r {
			return nil
		}
		return fill(w)
	}
}

func process(w *writer) []Part {
	switch {
	case w.f.AtOnce:
		return w.say("acknowledgement.at_once")
	case w.f.Right == "complaint" || w.f.Right == "appeal":
		return w.say("acknowledgement.grievance")
	}
	return w.say("acknowledgement.process")
}

func asked(w *writer) []Part {
	if list := values(w.f.Questions); len(list) > 0 {
		return []Part{{Items: list}}
	}
	return nil
}

// clockEffect says what the time does until the answer comes.
func clockEffect(w *writer) []Part {
	switch {
	case w.f.Restarts:
		return []Part{w.line("effect.restarts")}
	case w.f.Paused:
		return []Part{w.line("effect.paused")}
	case !w.f.Due.IsZero():
		return []Part{w.line("effect.runs", "Date", w.date(w.f.Due))}
	}
	return nil
}

func reason(w *writer) []Part { return parts(paragraphs(w.f.Reason)) }

func fulfilment(w *writer) []Part {
	if _, ok := SlotOf("fulfilment." + w.f.Right); ok {
		return w.say("fulfilment." + w.f.Right)
	}
	return w.say("fulfilment.other")
}

// handedOver says where the copy is and until when.
func handedOver(w *writer) []Part {
	if w.f.Right != "access" && w.f.Right != "portability" {
		return nil
	}
	out := w.say("fulfilment.copy")
	if len(out) > 0 && w.f.Parts > 1 {
		out = append(out, Part{Text: Text{{Text: lang.N(w.ctx, "letters.copy.parts", int64(w.f.Parts))}}})
	}
	return out
}

// did is what became of each thing, where something was changed.
func did(w *writer) []Part {
	switch {
	case w.f.Right == "access" || w.f.Right == "portability":
		return nil // nothing was changed
	case w.kind == Partial:
		return []Part{w.line("did.above")}
	}
	return items(w)
}

// items says of each thing what became of it, and by which rule.
func items(w *writer) []Part {
	var out []Part
	for _, i := range w.f.Items {
		p := Part{Title: plain(i.What), Facts: []Fact{{w.t("item.outcome"), Text{{Text: w.outcome(i)}}}}}
		if i.Outcome == Refused || i.Outcome == Kept || i.Code != "" {
			if !w.ground(i, &p) {
				w.lacks("ground", i.What)
			}
		}
		if !i.Until.IsZero() {
			p.Facts = append(p.Facts, Fact{w.t("item.until"), value(w.date(i.Until))})
		}
		out = append(out, p)
	}
	return out
}

func (w *writer) outcome(i Item) string {
	s := w.t("outcome." + i.Outcome)
	if i.Rows > 0 {
		s += " (" + lang.N(w.ctx, "letters.rows", i.Rows) + ")"
	}
	return s
}

// ground tells why something was not done: the code in words, and its article.
func (w *writer) ground(i Item, p *Part) bool {
	why, rule := plain(i.Why), plain(i.Law)
	if i.Code != "" && i.Why == w.f.Reason {
		why = "" // it stands below
	}
	if f, ok := law.RefusalOf(i.Code); ok {
		why = strings.TrimSpace(lang.T(w.ctx, "law.refusal."+f.Code+".why") + " " + why)
		if rule == "" {
			rule = codeArticle(w.law, f)
		}
	}
	if why != "" {
		p.Facts = append(p.Facts, Fact{w.t("item.why"), Text{{Text: why, Value: true}}})
	}
	if rule != "" {
		p.Facts = append(p.Facts, Fact{w.t("item.law"), value(rule)})
	}
	return why != "" && rule != ""
}

func told(w *writer) []Part {
	if list := values(w.f.Told); len(list) > 0 {
		return []Part{{Items: list}}
	}
	return nil
}

// held is every category with what the law wants told about it. A category of
// which we hold nothing is told too, with less.
func held(w *writer) []Part {
	if w.f.Right != "access" || len(w.f.Held) == 0 {
		return nil
	}
	out := []Part{{Text: Text{{Text: lang.N(w.ctx, "letters.held.searched", int64(len(w.f.Held)))}}}}
	for _, c := range w.f.Held {
		out = append(out, w.category(c))
	}
	return out
}

func (w *writer) category(c Category) Part {
	p := Part{Title: plain(c.Title), Facts: []Fact{{w.t("held.rows"), Text{{Text: lang.N(w.ctx, "letters.rows", c.Rows)}}}}}
	if c.Rows == 0 {
		return p
	}
	add := func(block, words string) {
		if words = plain(words); words != "" {
			p.Facts = append(p.Facts, Fact{w.t("held." + block), value(words)})
		} else if asks(block)(w) {
			w.lacks(block, c.Title)
		}
	}
	add("about", c.About)
	add("purposes", c.Purpose)
	add("basis", c.Basis)
	add("recipients", strings.Join(c.Recipients, "; "))
	add("period", c.Retention)
	add("source", c.Source)
	transfers := c.Transfers
	if transfers == "" {
		transfers = w.t("held.no_transfers")
	}
	add("transfers", transfers)
	return p
}

func leftOut(w *writer) []Part {
	var facts []Fact
	for _, o := range w.f.LeftOut {
		facts = append(facts, Fact{plain(o.What), value(o.Why)})
	}
	if len(facts) == 0 {
		return nil
	}
	return []Part{w.line("left_out.about"), {Facts: facts}}
}

// sale is told where the law asks, and nowhere else.
func sale(w *writer) []Part {
	if !asks("sale")(w) {
		return nil
	}
	return w.say("statement.sale")
}

// rights are the others that the law gives.
func rights(w *writer) []Part {
	var list []Text
	for _, code := range w.law.Rights {
		if key := "letters.may." + string(code); lang.Has(key) {
			list = append(list, Text{{Text: lang.T(w.ctx, key)}})
		}
	}
	if len(list) == 0 {
		return nil
	}
	return []Part{{Items: list}}
}

func searched(w *writer) []Part {
	list := values(w.f.Searched)
	for _, c := range w.f.Held {
		list = append(list, value(c.Title))
	}
	if len(list) == 0 {
		return nil
	}
	return []Part{{Items: list}}
}

// owner says who decides about the data. Who has not proved a number is not told
// which organizations hold it.
func owner(w *writer) []Part {
	if who := name(w.f.Owner); who != "" {
		key := "owner.named"
		if w.f.Forwarded {
			key = "owner.forwarded"
		}
		return []Part{w.line(key, "Owner", who)}
	}
	return []Part{w.line("owner.unnamed")}
}

func verdict(w *writer) []Part {
	switch w.f.Verdict {
	case Upheld, Partly, Rejected:
		return w.say("appeal_decided." + string(w.f.Verdict))
	}
	return nil
}

func contact(w *writer) []Part {
	out := w.say("statement.contact")
	if len(out) == 0 {
		return nil
	}
	var facts []Fact
	if w.f.Page != "" {
		facts = append(facts, Fact{w.t("contact.page"), Text{{Text: w.f.Page, Value: true, Link: w.f.Page}}})
	}
	if w.f.Contact != "" {
		facts = append(facts, Fact{w.t("contact.mail"), Text{{Text: w.f.Contact, Value: true, Link: "mailto:" + w.f.Contact}}})
	}
	if w.f.Officer != "" {
		facts = append(facts, Fact{w.t("contact.officer"), value(w.f.Officer)})
	}
	if len(facts) == 0 {
		return nil // words without an address reach nobody
	}
	return append(out, Part{Facts: facts})
}
