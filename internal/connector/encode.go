package connector

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// maxText is how long a corrected text may be where the column sets no end.
const maxText = 10_000

// kind is which identifier a spot holds, "" if none, and how it is normalised.
func (s *Store) kind(how *datamap.Correct) (string, datamap.Normaliser) {
	name := how.Kind
	if name == "" && (how.Type == "email" || how.Type == "phone") {
		name = how.Type
	}
	n, ok := s.m.Normalisers[name]
	switch {
	case ok:
		return name, n
	case how.Type == "email":
		return "", datamap.Normaliser{Kind: datamap.Email}
	}
	return "", datamap.Normaliser{Kind: datamap.E164}
}

// encode says how an edit is stored, or why it cannot be.
func (v *resolver) encode(ctx context.Context, c *change) (code string, err error) {
	if err := v.loadRegions(ctx, []hit{{tenant: c.tenant}}); err != nil {
		return "", err
	}
	typed := strings.TrimSpace(c.New)
	if c.how.Type == "text" {
		typed = c.New // blanks at its ends may be meant
	}
	col := v.c.tables[c.Table].columns[c.column.Name]
	if typed == "" {
		return c.empty(col), nil
	}
	if !utf8.ValidString(typed) || strings.ContainsFunc(typed, func(r rune) bool { return unicode.IsControl(r) && (c.how.Type != "text" || r != '\n' && r != '\t') }) {
		return RefusedType, nil
	}
	stored, ok := v.stored(c, typed)
	if !ok {
		return RefusedType, nil
	}
	if c.how.Pattern != "" && !regexp.MustCompile(`^(?:`+c.how.Pattern+`)$`).MatchString(stored) {
		return RefusedPattern, nil
	}
	if code, err = v.ruled(ctx, c, stored); code != "" || err != nil {
		return code, err
	}
	if n := utf8.RuneCountInString(stored); n > maxText || col.length > 0 && n > col.length && len(c.path) == 0 {
		return RefusedLong, nil
	}
	if len(c.path) == 0 {
		if stored, ok, err = v.canonical(ctx, c, stored); err != nil || !ok {
			return RefusedType, err
		}
	}
	return c.keep(&stored), nil
}

// ruled holds a value against the patterns that the store keeps for it. They
// are searched, as the programs that wrote them do: who means the whole value
// writes the anchors. One that RE2 cannot read refuses every value, because
// what the product refuses must not come in through here.
func (v *resolver) ruled(ctx context.Context, c *change, stored string) (code string, err error) {
	from := c.how.PatternFrom
	if from == nil {
		return "", nil
	}
	q := v.s.query(v.c, v.r)
	where := []string{q.isRow("t", c.table, c.key)}
	for _, on := range from.On {
		where = append(where, ident("p", on.Mine)+" = "+ident("t", on.Theirs))
	}
	sql := fmt.Sprintf("SELECT coalesce(%s::text, '') FROM %s t, %s p WHERE %s%s", ident("p", from.Column), q.table(c.Table), q.table(from.Table),
		strings.Join(where, " AND "), q.when("p", from.Table, from.When))
	var pattern string
	err = each(ctx, v.tx, sql, q.args, []any{&pattern}, func() {
		switch rule, err := regexp.Compile(undelimited(pattern)); {
		case err != nil:
			code = RefusedRule
		case code == "" && !rule.MatchString(stored):
			code = RefusedPattern
		}
	})
	if err != nil {
		return "", fmt.Errorf("read the pattern of %s.%s: %w", c.Table, c.Column, err)
	}
	return code, nil
}

// undelimited takes the slashes off a pattern that is kept as programs write it.
func undelimited(pattern string) string {
	pattern = strings.TrimSpace(pattern)
	at := strings.LastIndexByte(pattern, '/')
	if at < 1 || pattern[0] != '/' {
		return pattern
	}
	switch flags := pattern[at+1:]; flags {
	case "", "u":
		return pattern[1:at]
	case "i", "iu", "ui":
		return "(?i)" + pattern[1:at]
	}
	return pattern
}

// empty takes a value away, where nothing need stand.
func (c *change) empty(col *column) string {
	switch {
	case len(c.path) > 0 || !col.notNull:
		return c.keep(nil)
	case c.how.Type == "text" && (col.category == "S"):
		return c.keep(new(""))
	}
	return RefusedType
}

// keep takes the stored form, unless nothing would change or messages would go
// elsewhere without anybody having said yes.
func (c *change) keep(stored *string) string {
	switch {
	case deref(stored) == c.old:
		return RefusedSame
	case c.how.Routing && !c.Edit.Routing:
		return RefusedRouting
	}
	c.new = stored
	return ""
}

// stored writes what was typed in the form that the column has.
func (v *resolver) stored(c *change, typed string) (string, bool) {
	switch c.how.Type {
	case "name":
		return typed, strings.ContainsFunc(typed, unicode.IsLetter)
	case "email", "phone":
		_, n := v.s.kind(c.how)
		return storedLike(n, c.how.Stored, c.old, typed, v.region(c.tenant))
	case "number":
		_, err := strconv.ParseFloat(typed, 64)
		return typed, err == nil && numeral.MatchString(typed)
	case "language":
		tag, err := language.Parse(typed)
		if err != nil || tag == language.Und {
			return "", false
		}
		return typed, true
	case "one_of":
		return typed, slices.Contains(c.how.OneOf, typed)
	case "date":
		return dateLike(c.old, typed, c.column.Epoch)
	}
	return typed, true
}

var numeral = regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,30})?$`)

// storedLike writes an identifier as the map says, else as the old one was
// written: with its prefix, with or without the plus, national or not.
func storedLike(n datamap.Normaliser, stored datamap.Stored, old, typed, region string) (string, bool) {
	normal := n.Normal(typed, region)
	if normal == "" {
		return "", false
	}
	if n.Kind == datamap.E164 {
		if number, err := phonenumbers.Parse(normal, ""); err != nil || !phonenumbers.IsPossibleNumber(number) {
			return "", false
		}
	}
	out := storedAs(n, stored, []string{normal})[0]
	if stored == datamap.AsTyped {
		before, bare, after := dressed(n, old)
		out = before + likeBare(n, bare, normal, typed, region) + after
	}
	// Whatever it looks like now, it must be the same to whoever reads it.
	return out, n.Normal(out, region) == normal || stored == datamap.AsDigits && n.Kind == datamap.E164
}

// dressed takes the prefix and the suffix off a stored identifier.
func dressed(n datamap.Normaliser, old string) (before, bare, after string) {
	bare = old
	for _, p := range n.Strip {
		if len(bare) >= len(p) && p != "" && strings.EqualFold(bare[:len(p)], p) {
			before, bare = bare[:len(p)], bare[len(p):]
			break
		}
	}
	for _, e := range n.End {
		if at := len(bare) - len(e); at >= 0 && e != "" && strings.EqualFold(bare[at:], e) {
			bare, after = bare[:at], bare[at:]
			break
		}
	}
	return before, bare, after
}

// likeBare writes a normal form as the old value, without its prefix, was.
func likeBare(n datamap.Normaliser, old, normal, typed, region string) string {
	switch {
	case n.Kind == datamap.Email && old != n.Normal(old, region):
		return strings.TrimSpace(typed) // the store keeps addresses as they were typed
	case n.Kind != datamap.E164 || old == "" || !allDigits(old):
		return normal
	}
	before := n.Normal(old, region)
	if before == "+"+old {
		return strings.TrimPrefix(normal, "+")
	}
	// Digits of the country alone: the new number is written so only if it is of
	// that country too.
	number, err := phonenumbers.Parse(normal, "")
	if err != nil || int(number.GetCountryCode()) != phonenumbers.GetCountryCodeForRegion(region) {
		return normal
	}
	national := phonenumbers.GetNationalSignificantNumber(number)
	if strings.HasPrefix(old, "0") && !strings.HasPrefix(national, "0") {
		national = "0" + national
	}
	return national
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// dateLike writes a day as the old one was written.
func dateLike(old, typed, epoch string) (string, bool) {
	day, err := time.Parse(time.DateOnly, typed)
	if err != nil {
		return "", false
	}
	switch epoch {
	case "ms":
		return strconv.FormatInt(day.UnixMilli(), 10), true
	case "s":
		return strconv.FormatInt(day.Unix(), 10), true
	}
	for _, layout := range []string{"02.01.2006", "2.1.2006", "20060102"} {
		if was, err := time.Parse(layout, old); err == nil && was.Format(layout) == old {
			return day.Format(layout), true
		}
	}
	return typed, true
}

// canonical is how the column's type writes a value, false if it cannot hold it.
func (v *resolver) canonical(ctx context.Context, c *change, value string) (string, bool, error) {
	if v.c.tables[c.Table].columns[c.column.Name].textual() {
		return value, true, nil
	}
	var out, sqlType string
	err := v.tx.QueryRow(ctx, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attname = $2",
		ident(v.s.m.Store.Schema, c.Table), c.column.Name).Scan(&sqlType)
	if err != nil {
		return "", false, err
	}
	err = pgx.BeginFunc(ctx, v.tx, func(tx pgx.Tx) error { // a savepoint: a wrong value must not end the search
		return tx.QueryRow(ctx, "SELECT ($1::text::"+sqlType+")::text", value).Scan(&out)
	})
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && strings.HasPrefix(pe.Code, "22") {
		return "", false, nil
	}
	return out, err == nil, err
}

// unique says whether another row of the tenant has the value already, whatever
// its case or its writing.
func (v *resolver) unique(ctx context.Context, c *change) (code string, err error) {
	if c.new == nil {
		return "", nil
	}
	q := v.s.query(v.c, v.r)
	at := ident("t", c.column.Name)
	where := "true"
	if v.s.m.HasTenant(c.table) {
		where = fmt.Sprintf("coalesce(%s, '') = %s::text", q.tenant("t", c.table), q.arg("", c.tenant))
	}
	kind, n := v.s.kind(c.how)
	normal := n.Normal(c.New, v.region(c.tenant))
	same := func(other string) bool { return fold(other) == fold(*c.new) }
	if c.how.Type == "email" || c.how.Type == "phone" {
		same = func(other string) bool { return n.Normal(other, v.region(c.tenant)) == normal }
		if len(c.path) == 0 && kind != "" { // an index may help
			where += fmt.Sprintf(" AND %s = ANY (%s::text[])", searchKey(n.Kind, q.text("t", c.Table, c.column.Name)), q.arg("", n.Spellings(normal)))
		}
	}
	rows, err := v.tx.Query(ctx, fmt.Sprintf("SELECT %s::text FROM %s t WHERE %s AND %s IS NOT NULL AND NOT (%s)", at, q.table(c.Table), where, at, q.isRow("t", c.table, c.key)), q.args...)
	if err != nil {
		return "", err
	}
	var other *string
	_, err = pgx.ForEachRow(rows, []any{&other}, func() error {
		if value, err := c.text(other); err == nil && value != "" && same(value) {
			code = RefusedTaken
		}
		return nil
	})
	return code, err
}

// fold makes two writings equal that people take for the same.
func fold(s string) string {
	return cases.Fold().String(norm.NFKC.String(strings.TrimSpace(s)))
}

// try writes the edits and takes them back, where the transaction may write: the
// store's own constraints know more than the map.
func (s *Store) try(ctx context.Context, tx pgx.Tx, c *catalog, changes []change) error {
	var reads bool
	if err := tx.QueryRow(ctx, "SELECT current_setting('transaction_read_only')::boolean").Scan(&reads); err != nil || reads {
		return err
	}
	var refused Refused
	for _, one := range changes {
		sp, err := tx.Begin(ctx)
		if err != nil {
			return fmt.Errorf("begin to try an edit: %w", err)
		}
		value := one.new
		if len(one.path) > 0 {
			value, err = one.within(one.row)
		}
		if err == nil {
			q := s.query(c, &roots{})
			_, err = sp.Exec(ctx, fmt.Sprintf("UPDATE %s t SET %s = %s::text::%s WHERE %s", q.table(one.Table), ident(one.column.Name), q.arg("", value),
				q.column(one.Table, one.column.Name).sqlType, q.isRow("t", one.table, one.key)), q.args...)
		}
		if err == nil {
			_, err = sp.Exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE")
		}
		if back := sp.Rollback(ctx); back != nil {
			return fmt.Errorf("take an edit back: %w", back)
		}
		pe, ok := errors.AsType[*pgconn.PgError](err)
		switch {
		case err == nil:
		case ok && pe.Code == "23505":
			refused = append(refused, one.refusal(RefusedTaken))
		case ok && pe.Code == "22001":
			refused = append(refused, one.refusal(RefusedLong))
		case ok && (strings.HasPrefix(pe.Code, "22") || strings.HasPrefix(pe.Code, "23")):
			refused = append(refused, one.refusal(RefusedType))
		default:
			return fmt.Errorf("try an edit of %s.%s: %w", one.Table, one.Column, unspoken(err))
		}
	}
	if len(refused) > 0 {
		return refused
	}
	return nil
}

// carriers counts where else the old values stand: in the subject's rows in any
// writing of it or around it, and in every column that holds such identifiers.
func (s *Store) carriers(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, changes []change) ([]datamap.Carrier, error) {
	counts := map[[2]string]int64{}
	for _, one := range changes {
		if utf8.RuneCountInString(one.old) < 3 {
			continue // stands everywhere, and says nothing
		}
		for _, t := range s.m.Tables {
			if err := s.carriersIn(ctx, tx, c, r, t, one, changes, counts); err != nil {
				return nil, fmt.Errorf("look who else carries what %s.%s holds, in %s: %w", one.Table, one.Column, t.Name, err)
			}
		}
	}
	var out []datamap.Carrier
	for _, t := range s.m.Tables {
		for _, col := range t.Columns {
			if n := counts[[2]string{t.Name, col.Name}]; n > 0 {
				out = append(out, datamap.Carrier{Table: t.Name, Column: col.Name, Rows: n})
			}
		}
	}
	return out, nil
}

func (s *Store) carriersIn(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, t *datamap.Table, one change, all []change, counts map[[2]string]int64) error {
	kind, n := s.kind(one.how)
	normal := ""
	if kind != "" {
		normal = n.Normal(one.old, s.m.Store.Region)
	}
	add := func(rows pgx.Rows, columns []string) error {
		found := make([]int64, len(columns))
		into := make([]any, len(columns))
		for i := range found {
			into[i] = &found[i]
		}
		_, err := pgx.ForEachRow(rows, into, func() error {
			for i, name := range columns {
				counts[[2]string{t.Name, name}] += found[i]
			}
			return nil
		})
		return err
	}
	var columns []string
	for _, col := range t.Columns {
		if (col.Group == datamap.Data || col.Group == datamap.Mention || col.Group == datamap.Derived) && c.tables[t.Name].columns[col.Name].searchable() {
			columns = append(columns, col.Name)
		}
	}
	if len(columns) == 0 {
		return nil
	}
	for _, role := range s.rolesOf(t, r.Who.Organization) {
		if role == "" || len(s.query(c, r).ways(t, "t", role)) == 0 {
			continue
		}
		q := s.query(c, r)
		var parts []string
		for _, name := range columns {
			carries := q.carries(t, name, one.old, n, normal)
			for _, x := range all { // what is corrected too does not carry it on
				if x.table == t && x.column.Name == name && len(x.path) == 0 {
					carries += " AND NOT (" + q.isRow("t", t, x.key) + ")"
				}
			}
			parts = append(parts, "("+carries+") AS "+ident("c"+name))
		}
		var sums []string
		for _, name := range columns {
			sums = append(sums, "count(*) FILTER (WHERE "+ident("c"+name)+")")
		}
		rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM (%s) u", strings.Join(sums, ", "), q.union(t, role, strings.Join(parts, ", "), "")), q.args...)
		if err != nil {
			return err
		}
		if err := add(rows, columns); err != nil {
			return err
		}
	}
	return nil
}

// carries says that a column holds a value: as an identifier in any writing, as
// the whole text, or, where text is free, within it.
func (q *query) carries(t *datamap.Table, name, old string, n datamap.Normaliser, normal string) string {
	at, col := q.text("t", t.Name, name), q.column(t.Name, name)
	same := fmt.Sprintf("%s = %s::text", at, q.arg("old", old))
	if mapped, _ := t.Column(name); mapped.Group != datamap.Data || mapped.JSON || mapped.Mentions || !col.textual() {
		same = fmt.Sprintf("strpos(%s, %s::text) > 0", at, q.arg("old", old))
	}
	if normal != "" {
		return fmt.Sprintf("(%s OR %s = ANY (%s::text[]))", same, searchKey(n.Kind, at), q.arg("forms", n.Spellings(normal)))
	}
	return same
}
