package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/cmd/internal/process"
	"github.com/crowsstack/privacy-portal/internal/connector"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/seal"
)

// target is a store and the map it is seen through.
type target struct {
	Map   string `help:"The data map; default PORTAL_DATAMAP." placeholder:"FILE"`
	Store string `help:"The messaging store; default PORTAL_MESSAGING_URL. Of several databases: NAME=URL for each, with blanks between." placeholder:"URL"`
}

// open gives the store and what closes it.
func (t target) open(a *app) (*connector.Fleet, func(), error) {
	c, err := a.settings()
	if err != nil {
		return nil, nil, err
	}
	path, address := firstOf(t.Map, c.Datamap), firstOf(t.Store, c.MessagingURL)
	if path == "" || address == "" {
		return nil, nil, misuse("expected -map FILE and -store URL, or PORTAL_DATAMAP and PORTAL_MESSAGING_URL")
	}
	m, err := process.ReadMap(path)
	if err != nil {
		return nil, nil, err
	}
	var opt connector.Options
	if c.Keys != "" { // a plan's hash covers the subject, hashed with the portal's key
		keys, err := seal.Parse(c.Keys)
		if err != nil {
			return nil, nil, fmt.Errorf("PORTAL_KEYS: %w", err)
		}
		opt.Secret = process.LedgerSecret(keys)
	}
	pools, end, err := process.Messaging(a.ctx, address)
	if err != nil {
		return nil, nil, fmt.Errorf("messaging store: %w", err)
	}
	stores, err := connector.OpenFleet(pools, m, opt)
	if err == nil {
		err = stores.Answers(a.ctx)
	}
	if err != nil {
		end()
		return nil, nil, err
	}
	return stores, end, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

type datamapCheck struct{ target }

type checkReport struct {
	connector.Report
	file string // of the map
}

func (d datamapCheck) Run(a *app) error {
	s, end, err := d.open(a)
	if err != nil {
		return mapFault(a, err)
	}
	defer end()
	findings, err := s.Check(a.ctx)
	if err != nil {
		return err
	}
	c, err := a.settings()
	if err != nil {
		return err
	}
	r := checkReport{connector.Report{OK: len(findings) == 0, Findings: findings}, firstOf(d.Map, c.Datamap)}
	return a.judge(r, r.OK)
}

// mapFault reports a map that cannot even be read: each mistake, with its line,
// is a finding.
func mapFault(a *app, err error) error {
	problems, ok := errors.AsType[*datamap.Problems](err)
	if !ok {
		return err
	}
	var r checkReport
	for _, p := range problems.List {
		r.Findings = append(r.Findings, datamap.Finding{Code: "unreadable", Line: p.Line, Detail: fmt.Sprintf("%s:%d: %s", problems.File, p.Line, p.Text)})
	}
	return a.judge(r, false)
}

func (r checkReport) text(w io.Writer) {
	if r.OK {
		fmt.Fprintln(w, "The map fits the store.")
		return
	}
	blocking := 0
	for _, f := range r.Findings {
		place := f.Table
		if f.Column != "" {
			place += "." + f.Column
		}
		word := "warning"
		if !f.Warn {
			word = "wrong"
			blocking++
		}
		at := ""
		if f.Line > 0 && r.file != "" {
			at = fmt.Sprintf("%s:%d: ", r.file, f.Line)
		}
		fmt.Fprintf(w, "%s: %s%s: %s\n", word, at, strings.TrimSpace(f.Code+" "+place), f.Detail)
	}
	fmt.Fprintf(w, "%d to mend before anything is deleted, %d warnings.\n", blocking, len(r.Findings)-blocking)
}

// subject is whom to look for.
type subject struct {
	Email        string            `help:"E-mail address."`
	Phone        string            `help:"Number, with country code."`
	ID           map[string]string `name:"id" help:"Another identifier of the map." placeholder:"KEY=VALUE"`
	Organization bool              `help:"The organization that the address administers, not the person."`
	Claimed      map[string]string `help:"An identifier that was typed and not proved: brings candidates only." placeholder:"KIND=VALUE"`
	Name         string            `help:"The name as typed: brings candidates and mentions only."`
	Tenant       []string          `help:"Stay in this tenant; may be repeated." sep:"none" placeholder:"KEY"`
	Include      []string          `help:"A candidate that is the subject; of several databases NAME.TABLE=KEY." sep:"none" placeholder:"TABLE=KEY"`
	Exclude      []string          `help:"A match that is somebody else." sep:"none" placeholder:"TABLE=KEY"`
}

func (s subject) whom() (connector.Subject, error) {
	who := connector.Subject{Organization: s.Organization, Email: strings.ToLower(s.Email), Phone: s.Phone, Keys: s.ID, Claimed: s.Claimed, Name: s.Name, Tenants: s.Tenant}
	if s.Email == "" && s.Phone == "" && len(s.ID)+len(s.Claimed)+len(s.Include) == 0 && s.Name == "" {
		return who, misuse("expected whom to look for: -email, -phone, -id, -claimed or -name")
	}
	var err error
	if who.Include, err = rowRefs("-include", s.Include); err != nil {
		return who, err
	}
	who.Exclude, err = rowRefs("-exclude", s.Exclude)
	return who, err
}

// rowRefs reads TABLE=KEY.
func rowRefs(flag string, all []string) ([]connector.RowRef, error) {
	var out []connector.RowRef
	for _, one := range all {
		table, key, ok := strings.Cut(one, "=")
		if !ok || table == "" || key == "" {
			return nil, misuse("%s: expected TABLE=KEY", flag)
		}
		out = append(out, connector.RowRef{Table: table, Key: key})
	}
	return out, nil
}

type find struct {
	target
	subject
}

type findReport struct{ connector.Result }

func (f find) Run(a *app) error {
	_, r, end, err := look(a, f.target, f.subject)
	if err != nil {
		return err
	}
	defer end()
	return a.show(findReport{r.Result})
}

// look searches the store for a subject; end closes the store.
func look(a *app, where target, whom subject) (s *connector.Fleet, found *connector.Found, end func(), err error) {
	who, err := whom.whom()
	if err != nil {
		return nil, nil, nil, err
	}
	if s, end, err = where.open(a); err != nil {
		return nil, nil, nil, err
	}
	err = errors.Join(placed(who.Include, s.Map()), placed(who.Exclude, s.Map()))
	if err == nil {
		found, err = s.Find(a.ctx, who)
	}
	if err != nil {
		end()
		return nil, nil, nil, err
	}
	return s, found, end, nil
}

// placed takes the database off the tables of rows, where a map is about several:
// a row that is in none of them would be passed over without a word.
func placed(rows []connector.RowRef, m *datamap.Map) error {
	all := m.Databases()
	if len(all) == 1 {
		return nil
	}
	for i, r := range rows {
		store, table, ok := strings.Cut(r.Table, ".")
		if !ok || !slices.Contains(all, store) {
			return misuse("expected NAME.TABLE=KEY, with one of the databases %s as NAME", strings.Join(all, ", "))
		}
		rows[i].Store, rows[i].Table = store, table
	}
	return nil
}

func (r findReport) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "table\tcategory\tcontroller\trole\trows")
	for _, f := range r.Tables {
		if f.Rows > 0 {
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\n", within(f.Store, f.Table), f.Category, f.Controller, f.Role, f.Rows)
		}
	}
	fmt.Fprintf(t, "total\t\t\t\t%d\n", r.Total)
	_ = t.Flush() // the terminal is gone: nobody is left to tell
	for _, c := range r.Candidates {
		table := within(c.Store, c.Table)
		fmt.Fprintf(w, "candidate (%s, by %s): %s %s; decide with -include or -exclude %s=%s\n", c.Why, c.By, table, c.Key, table, c.Key)
	}
	for _, m := range r.Mentions {
		fmt.Fprintf(w, "mention (%s): %s.%s in %d rows: %s%s\n", m.Term, within(m.Store, m.Table), m.Column, m.Rows, strings.Join(m.Keys, " "), more(m.Cut))
	}
	for _, warning := range r.Warnings {
		fmt.Fprintln(w, "warning:", warning)
	}
}

// within names a table, with its database where there are several.
func within(store, table string) string {
	if store == "" {
		return table
	}
	return store + "." + table
}

func more(cut bool) string {
	if cut {
		return " … (cut short)"
	}
	return ""
}

type plan struct {
	target
	subject
	Kind     string    `help:"What is asked: access, portability, deletion, restriction, restriction_lift, objection, withdrawal, opt_out, shortened_retention." required:""`
	Purpose  []string  `help:"Objection and withdrawal: what stops, a key of the map's stop; may be repeated." sep:"none" placeholder:"KEY"`
	Days     int       `help:"Shortened retention: what is older goes." placeholder:"N"`
	Category []string  `help:"Shortened retention: of this category; may be repeated. All if left out." sep:"none" placeholder:"ID"`
	Undo     uuid.UUID `help:"Restriction lift: the operation that ends, as the ledger names it." placeholder:"UUID"`
}

// planReport has every key of the contract in every step, also the empty ones.
type planReport struct {
	Hash   string     `json:"hash"`
	Kind   string     `json:"kind"`
	Map    string     `json:"map"`
	Schema string     `json:"schema"`
	Steps  []planStep `json:"steps"`
}

type planStep struct {
	Store      string             `json:"store,omitempty"` // where the map is about several databases
	Seq        int                `json:"seq"`
	Table      string             `json:"table"`
	Role       string             `json:"role"`
	Category   string             `json:"category"`
	Controller datamap.Controller `json:"controller"`
	Action     datamap.Action     `json:"action"`
	Rows       int64              `json:"rows"`
	Objects    int64              `json:"objects"`
	Ground     string             `json:"ground"`
	Until      string             `json:"until"`
	Purpose    string             `json:"purpose,omitempty"` // what is stopped
}

func (p plan) Run(a *app) error {
	s, found, end, err := look(a, p.target, p.subject)
	if err != nil {
		return err
	}
	defer end()
	r, err := s.Plan(a.ctx, found, connector.Ask{Kind: p.Kind, Purposes: p.Purpose, Days: p.Days, Categories: p.Category, Undo: p.Undo})
	_, refused := errors.AsType[connector.Refused](err)
	switch {
	case errors.Is(err, connector.ErrKind):
		return misuse("there is no plan for %q", p.Kind)
	case refused, errors.Is(err, connector.ErrPurpose):
		return usageError{err}
	case err != nil:
		return err
	}
	return a.show(planned(r))
}

func planned(p datamap.Plan) planReport {
	r := planReport{Hash: p.Hash, Kind: p.Kind, Map: p.Map, Schema: p.Schema, Steps: []planStep{}}
	for _, s := range p.Steps {
		r.Steps = append(r.Steps, planStep{Store: s.Store, Seq: s.Seq, Table: s.Table, Role: s.Role, Category: s.Category, Controller: s.Controller,
			Action: s.Action, Rows: s.Rows, Objects: s.Objects, Ground: s.Ground, Until: s.Until, Purpose: s.Purpose})
	}
	return r
}

func (r planReport) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\ttable\trole\taction\trows\tground\tuntil")
	for _, s := range r.Steps {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%d\t%s\t%s\n", s.Seq, within(s.Store, s.Table), s.Role, strings.TrimSpace(string(s.Action)+" "+s.Purpose), s.Rows, s.Ground, s.Until)
	}
	_ = t.Flush() // the terminal is gone: nobody is left to tell
	fmt.Fprintln(w, "hash", r.Hash)
}
