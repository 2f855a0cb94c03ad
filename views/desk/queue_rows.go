package desk

import (
	"context"
	"html"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/internal/privacy"
)

// The rows are the page's bulk and most of what it costs, so they are the one
// piece that is put together by hand: fifty rows with twenty values each. Words
// that rows share are looked up and escaped once a page; everything else that
// somebody may have typed goes through text.

// rowWords are the words that rows have in common, as markup.
type rowWords struct {
	sel, nobody, you, noName string
	kinds                    map[privacy.Kind]string
	relations                map[privacy.Relation]string
	marks                    map[Mark]string
	clocks                   map[leftKey]clockMarkup
	days                     map[string]string
	people                   map[uuid.UUID]string
}

// leftKey is what a clock's words depend on.
type leftKey struct {
	left            int
	final, standing bool
}

type clockMarkup struct{ before, after string } // the bar's width

// look gives what a map has for a key, made if it has nothing yet.
func look[K comparable, V any](m map[K]V, k K, make func() V) V {
	v, ok := m[k]
	if !ok {
		v = make()
		m[k] = v
	}
	return v
}

var rowBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 64<<10); return &b }}

// queueRows draws the rows of a page.
func queueRows(f Frame, q QueuePage) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		w := &rowWords{sel: text(lang.T(ctx, "desk.queue.select")), nobody: text(lang.T(ctx, "desk.nobody")), you: lang.T(ctx, "desk.you"), noName: lang.T(ctx, "desk.no_name"),
			kinds: map[privacy.Kind]string{}, relations: map[privacy.Relation]string{}, marks: map[Mark]string{},
			clocks: map[leftKey]clockMarkup{}, days: map[string]string{}, people: map[uuid.UUID]string{}}
		p := rowBuffers.Get().(*[]byte)
		defer rowBuffers.Put(p)
		b, work := (*p)[:0], f.canWork()
		for i := range q.Page.Rows {
			b = w.row(ctx, b, f, &q.Page.Rows[i], work)
		}
		*p = b
		_, err := out.Write(b)
		return err
	})
}

func text(s string) string { return html.EscapeString(s) }

// row appends one row. A reference holds nothing that would have to be escaped:
// the database takes no other.
func (w *rowWords) row(ctx context.Context, b []byte, f Frame, r *privacy.QueueRow, work bool) []byte {
	ref := string(r.Ref)
	b = append(b, `<tr role="row" data-test="row"><td role="cell" class="c-pick">`...)
	if work {
		b = append(b, `<label class="hit"><input class="pick" type="checkbox" name="ref" value="`...)
		b = append(b, ref...)
		b = append(b, `" aria-label="`...)
		b = append(b, w.sel...)
		b = append(b, ' ')
		b = append(b, ref...)
		b = append(b, `"></label>`...)
	}
	b = append(b, `</td><td role="cell" class="c-ref"><a class="ref" href="`+link.Desk+`/`...)
	b = append(b, ref...)
	b = append(b, `">`...)
	b = append(b, ref...)
	b = append(b, `</a></td><th role="rowheader" scope="row" class="name c-name"><bdi>`...)
	b = append(b, text(w.name(r))...)
	b = append(b, `</bdi><span class="sub"><bdi>`...)
	if r.Answers.Business != "" {
		b = append(b, text(ellipsis(r.Answers.Business, 24))...)
	} else {
		b = append(b, look(w.relations, r.Relation, func() string { return text(lang.T(ctx, "desk.relation.short."+string(r.Relation))) })...)
	}
	b = append(b, `</bdi></span></th><td role="cell" class="c-right">`...)
	b = append(b, look(w.kinds, r.Kind, func() string {
		return `<span class="right"><svg class="i" width="20" height="20" aria-hidden="true"><use href="#k-` + text(string(r.Kind)) + `"/></svg>` + text(lang.T(ctx, "desk.kind."+string(r.Kind))) + `</span>`
	})...)
	b = append(b, `</td><td role="cell" class="c-stat">`...)
	b = append(b, look(w.marks, RowMark(*r), func() string {
		m := RowMark(*r)
		return `<span class="status ` + text(m.Class) + `">` + text(lang.T(ctx, m.Key)) + `</span>`
	})...)
	b = append(b, `</td><td role="cell" class="c-who">`...)
	b = append(b, w.who(f, r)...)
	b = append(b, `</td><td role="cell" class="c-due">`...)
	b = w.clock(ctx, b, f, r)
	b = append(b, `</td><td role="cell" class="c-upd faint">`...)
	var day [10]byte
	b = append(b, w.day(ctx, r.ReceivedAt.AppendFormat(day[:0], time.DateOnly), r.ReceivedAt)...)
	return append(b, `</td></tr>`...)
}

// name is whom a request is about: for a representative, the organization.
func (w *rowWords) name(r *privacy.QueueRow) string {
	switch {
	case r.Organization() && r.Answers.Organization != "":
		return r.Answers.Organization
	case r.Name == "":
		return w.noName
	}
	return r.Name
}

func (w *rowWords) who(f Frame, r *privacy.QueueRow) string {
	if r.Assignee == nil {
		return look(w.people, uuid.Nil, func() string {
			return `<span class="person muted"><span class="avatar none" aria-hidden="true"></span>` + w.nobody + `</span>`
		})
	}
	return look(w.people, *r.Assignee, func() string {
		name := firstWord(r.AssigneeName)
		if *r.Assignee == f.Member.ID {
			name = w.you
		}
		return `<span class="person"><span class="avatar ` + tint(r.AssigneeName) + `" aria-hidden="true">` + text(initials(r.AssigneeName)) + `</span><bdi>` + text(name) + `</bdi></span>`
	})
}

// clock is ui.SLA, with the words of each number of days made once.
func (w *rowWords) clock(ctx context.Context, b []byte, f Frame, r *privacy.QueueRow) []byte {
	m := look(w.clocks, leftKey{r.DaysLeft(f.Now), r.State.Final(), r.PausedAt != nil}, func() clockMarkup {
		c := clock(ctx, f, r.Request, "")
		return clockMarkup{`<span class="` + c.Class() + `"><svg width="72" height="6" aria-hidden="true"><rect class="track" width="100%" height="6" rx="3"/><rect class="fill" width="`,
			`%" height="6" rx="3"/></svg><span>` + text(c.Words) + `</span></span>`}
	})
	used := 0
	if whole := r.DueAt.Sub(r.ReceivedAt); whole > 0 {
		used = int(100 * f.Now.Sub(r.ReceivedAt) / whole)
	}
	b = append(b, m.before...)
	b = strconv.AppendInt(b, int64(min(100, max(0, used))), 10)
	return append(b, m.after...)
}

func (w *rowWords) day(ctx context.Context, iso []byte, at time.Time) string {
	if d, ok := w.days[string(iso)]; ok {
		return d
	}
	d := `<time datetime="` + string(iso) + `">` + text(lang.ShortDate(ctx, at)) + `</time>`
	w.days[string(iso)] = d
	return d
}
