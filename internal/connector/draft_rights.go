package connector

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// Words that say which right a column is about.
var (
	holdWords      = []string{"restricted", "restriction", "frozen", "blocked", "suspended"}
	stopWords      = []string{"unsubscribed", "optout", "unsubscribe", "dnd"}
	marketingWords = []string{"marketing", "newsletter", "promotion", "promotions", "promotional", "advertising", "offers", "campaigns"}
	againstWords   = []string{"out", "no", "not", "unsubscribed", "disabled", "blocked", "denied", "declined", "without", "never"}
	inferredWords  = []string{"score", "sentiment", "churn", "predicted", "probability", "intent", "segment"}
	staffSaidWords = []string{"note", "notes", "remark", "remarks", "tags", "labels", "details"}
	observedWords  = []string{"seen", "active", "ip", "device", "agent", "login", "visits"}
	birthWords     = []string{"birthday", "birthdate", "birth", "dob"}
	addressWords   = []string{"street", "city", "postcode", "zip", "address", "company"}
)

// rights proposes what the other rights do to a table.
func (d *draft) rights(t *drafted) {
	d.kinds(t)
	d.counters(t)
	if !t.root && len(t.Paths) == 0 {
		return
	}
	t.aged()
	t.origins()
	if t.root && !t.staff {
		for i := range t.Columns {
			d.correctable(t, &t.Columns[i])
		}
		d.flags(t)
	}
	d.optOut(t)
}

// kinds lists what a column that says what another refers to was seen to hold,
// so far as it names a table.
func (d *draft) kinds(t *drafted) {
	for _, column := range t.r.order {
		if !d.discriminates(t, column) {
			continue
		}
		c := datamap.Condition{Column: column, Null: !t.r.columns[column].notNull}
		for _, name := range d.names {
			for _, one := range t.shapes[column].among(writings(name)) {
				if !slices.Contains(c.In, one) {
					c.In = append(c.In, one)
				}
			}
		}
		slices.Sort(c.In)
		if slices.ContainsFunc(t.Discriminators, func(o datamap.Condition) bool { return o.Column == column }) {
			continue
		}
		t.Discriminators = append(t.Discriminators, c)
		t.checks["discriminators"] = ""
		t.check("discriminators", "are these all its values? only those that are called like a table stand here; datamap check tells the others")
	}
}

// aged takes the column from which a shortened retention counts.
func (t *drafted) aged() {
	if !slices.Contains([]string{"messages", "files", "delivery", "activity"}, t.Category) {
		return
	}
	for _, word := range []string{"created", "sent", "received", "at", "time", "date"} {
		for _, c := range t.Columns {
			if says(c.Name, []string{word}) && (t.r.columns[c.Name].category == "D" || c.Epoch != "") {
				t.Age = c.Name
				t.check("age", "do rows grow old from here?")
				return
			}
		}
	}
}

// origins says where data came from, as far as names tell.
func (t *drafted) origins() {
	switch t.Category {
	case "profile", "messages", "files", "consent", "account":
		t.Provenance = datamap.Provided
	case "activity", "delivery":
		t.Provenance = datamap.Observed
	case "billing":
		t.Provenance = datamap.FromOrganization
	default:
		return
	}
	t.check("provenance", "provided, observed, inferred or organisation?")
	for i, c := range t.Columns {
		switch {
		case c.Group != datamap.Data || t.Provenance == datamap.FromOrganization:
		case t.identifier(c.Name) != "", says(c.Name, birthWords):
		case says(c.Name, inferredWords):
			t.Columns[i].Provenance = datamap.Inferred
		case t.root && !t.staff && says(c.Name, staffSaidWords):
			t.Columns[i].Provenance = datamap.FromOrganization
		case t.root && (says(c.Name, observedWords) || t.r.columns[c.Name].category == "D" || c.Epoch != ""):
			t.Columns[i].Provenance = datamap.Observed
		}
	}
}

// correctable proposes what a person may have corrected.
func (d *draft) correctable(t *drafted, c *datamap.Column) {
	col, w := t.r.columns[c.Name], tokens(c.Name)
	if c.Group != datamap.Data || col.category != "S" && col.category != "D" || col.computed || c.JSON || slices.Contains(t.r.key, c.Name) {
		return
	}
	unique := slices.ContainsFunc(t.r.distinct, func(u []string) bool { return slices.Contains(u, c.Name) })
	switch kind := t.identifier(c.Name); {
	case kind == "email":
		c.Correct = &datamap.Correct{Type: "email", Kind: kind, Unique: unique, Routing: true}
	case kind == "phone":
		c.Correct = &datamap.Correct{Type: "phone", Kind: kind, Unique: unique, Routing: true}
		if t.shapes[c.Name].digits == t.shapes[c.Name].n && t.shapes[c.Name].n > 0 {
			c.Correct.Stored = datamap.AsDigits
		}
	case col.category == "D" && says(c.Name, birthWords):
		c.Correct = &datamap.Correct{Type: "date"}
	case col.category != "S" || col.sqlType == "inet":
	case slices.Contains([]string{"language", "locale", "lang"}, w[len(w)-1]):
		c.Correct = &datamap.Correct{Type: "language"}
	case says(c.Name, []string{"name", "firstname", "lastname", "fullname", "surname"}) && !says(c.Name, []string{"user", "username", "login", "file"}):
		c.Correct = &datamap.Correct{Type: "name"}
	case says(c.Name, addressWords):
		c.Correct = &datamap.Correct{Type: "text"}
	}
	if c.Correct != nil {
		t.check("column "+c.Name, "may the person have it corrected%s?", map[bool]string{true: ", and do messages go where it says", false: ""}[c.Correct.Routing])
	}
}

// flags proposes the columns that hold a purpose back.
func (d *draft) flags(t *drafted) {
	stop := func(purpose, column, value string) {
		if t.Stop == nil {
			t.Stop = map[string][]datamap.Assignment{}
		}
		if len(t.Stop[purpose]) == 0 {
			t.Stop[purpose] = []datamap.Assignment{{Column: column, Fill: datamap.Constant, Value: value}}
			t.check("stop", "%s: does the product obey it?", plainly(column))
		}
	}
	for _, c := range t.Columns {
		if t.r.columns[c.Name].sqlType != "boolean" || t.r.columns[c.Name].computed {
			continue
		}
		value := "false"
		if says(c.Name, againstWords) {
			value = "true"
		}
		switch {
		case says(c.Name, marketingWords):
			purpose := "marketing"
			if says(c.Name, []string{"newsletter"}) {
				purpose = "newsletter"
			}
			stop(purpose, c.Name, value)
			d.purposes[purpose] = map[string]datamap.Text{"marketing": {"en": "News and offers", "de": "Neuigkeiten und Angebote"}, "newsletter": {"en": "The newsletter", "de": "Der Newsletter"}}[purpose]
		case says(c.Name, stopWords), says(c.Name, []string{"opted", "opt"}):
			if says(c.Name, stopWords) {
				value = "true"
			}
			stop(datamap.OptOut, c.Name, value)
		case says(c.Name, holdWords):
			stop(datamap.Restriction, c.Name, "true")
		}
	}
}

// optOut proposes how an opt-out becomes a row of the table for them, if every
// column that it needs is known.
func (d *draft) optOut(t *drafted) {
	if !about(t.Name, optOutWords) && !(about(t.Name, []string{"opt"}) && t.Category == "consent") || len(t.match) == 0 || len(t.match[0].Path) > 0 {
		return
	}
	m := t.match[0]
	s := &datamap.Suppress{By: m.By, Set: []datamap.Assignment{{Column: m.Column, Fill: datamap.Identifier, Stored: datamap.AsNormal}}}
	if shape := t.shapes[m.Column]; m.By == "phone" && shape.n > 0 && (m.Stored == datamap.AsDigits || says(m.Column, []string{"digits"}) || shape.digits == shape.n) {
		s.Set[0].Stored = datamap.AsDigits
	}
	for _, name := range t.r.order {
		col := t.r.columns[name]
		switch {
		case name == m.Column || col.computed:
		case t.Tenant != nil && t.Tenant.Parent == "" && name == t.Tenant.Column:
			s.Set = append(s.Set, datamap.Assignment{Column: name, Fill: datamap.OfTenant})
		case says(name, []string{"created", "at"}) && (col.category == "D" || t.moment(name) != ""):
			s.Set = append(s.Set, datamap.Assignment{Column: name, Fill: datamap.Now})
		case col.notNull && !col.given && col.category == "S":
			s.Set = append(s.Set, datamap.Assignment{Column: name, Fill: datamap.Constant, Value: "privacy request"})
			if col.length > 0 && col.length < len("privacy request") {
				return
			}
		case col.notNull && !col.given:
			t.notes = append(t.notes, "an opt-out could be written here with suppress:, if it were known what to write into "+plainly(name))
			return
		}
	}
	t.Suppress = s
	t.check("suppress", "is this the row that keeps messages from being sent?")
}

// counters points out columns that look computed: they are wrong once rows are
// gone.
func (d *draft) counters(t *drafted) {
	for _, name := range t.r.order {
		col, w := t.r.columns[name], tokens(name)
		if col.computed || len(w) == 0 {
			continue
		}
		how, rest := "", []string(nil)
		switch {
		case col.category == "N" && (w[len(w)-1] == "count" || w[len(w)-1] == "total"):
			how, rest = "count", w[:len(w)-1]
		case col.category == "N" && (w[0] == "num" || w[0] == "total" || w[0] == "count"):
			how, rest = "count", w[1:]
		case col.sqlType == "boolean" && w[0] == "has":
			how, rest = "exists", w[1:]
		case col.category == "D" && w[0] == "last" && len(w) > 2 && w[len(w)-1] == "at":
			how, rest = "max", w[1:len(w)-1]
		default:
			continue
		}
		if e, ok := d.counted(t, rest, how == "max"); ok {
			of := ""
			if how == "max" {
				of = ", of: " + cmp.Or(d.tables[e.table].began([]string{"created", "sent", "at", "time"}), "…")
			}
			t.notes = append(t.notes, fmt.Sprintf("%s looks computed; if it is: repair: [{column: %s, %s: %s%s, on: {%s: %s}%s}]", plainly(name), scalar(name), how, scalar(e.table), of, scalar(e.columns[0]), scalar(e.to[0]), counting(e)))
		}
	}
}

func counting(e edge) string {
	if e.when == nil {
		return ""
	}
	return ", when: " + conditions([]datamap.Condition{*e.when})
}

// counted finds the rows that a column seems to be computed from: of the table
// that its name names, else of the only one that refers to this one.
func (d *draft) counted(t *drafted, words []string, exactly bool) (edge, bool) {
	var all, named []edge
	for _, e := range d.edges {
		if e.target == t.Name && len(e.columns) == 1 {
			all = append(all, e)
			last := singular(tokens(e.table))
			if len(words) > 0 && len(last) > 0 && slices.Contains(singular(words), last[len(last)-1]) {
				named = append(named, e)
			}
		}
	}
	switch {
	case len(named) > 0:
		return named[0], true
	case len(all) == 1 && !exactly:
		return all[0], true
	}
	return edge{}, false
}

// chooseViews lists the views that keep copies, with what may tell of people.
func (d *draft) chooseViews() {
	for _, name := range sortedKeys(d.c.tables) {
		r := d.c.tables[name]
		if !r.view || !r.stored {
			continue
		}
		v := datamap.View{Name: name, Refresh: true}
		for _, column := range r.order {
			c := r.columns[column]
			telling := slices.ContainsFunc(r.reads, func(from string) bool {
				t := d.tables[from]
				if t == nil {
					return false
				}
				mapped, ok := t.Column(column)
				return ok && mapped.Group == datamap.Data && (t.identifier(column) != "" || mapped.Mentions || says(column, nameWords))
			})
			if c.category == "S" && (telling || says(column, emailWords) || says(column, phoneWords) || says(column, nameWords)) {
				v.Search = append(v.Search, column)
			}
		}
		d.views = append(d.views, v)
	}
}
