package connector

import (
	"context"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/nyaruka/phonenumbers"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A sample is a few rows from the beginning of a table, of which each column
// gives its first values that are not empty.
const (
	sampleRows   = 1000
	sampleValues = 200
	sampleWidth  = 240  // characters of a value
	sampleJSON   = 4000 // of one that may be JSON, which is cut short as a whole
)

// shape is what a column's values look like. Of the values themselves only the
// distinct ones of short lists live on, to be held against words that are known:
// what gets into the map is such a word, a table's name or "owner".
type shape struct {
	n                                               int
	email, phone, digits, region, path, prose, hash int
	millis, seconds, web, list                      int
	distinct                                        map[string]bool // also an enum's labels
}

const maxDistinct = 24

var (
	looksEmail  = regexp.MustCompile(`^\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*$`)
	looksPhone  = regexp.MustCompile(`^\s*(?:whatsapp:|tel:)?\+?[0-9() ./-]{7,22}\s*$`)
	looksDate   = regexp.MustCompile(`^\d{4}-\d\d-\d\d`)
	looksJID    = regexp.MustCompile(`^[0-9]{7,15}(?::[0-9]+)?@(?:s\.whatsapp\.net|c\.us)$`) // a number, as WhatsApp writes it
	looksPath   = regexp.MustCompile(`^[^\s:]*/[^\s:]+\.[A-Za-z0-9]{2,5}$`)
	looksHash   = regexp.MustCompile(`^\$(?:2[aby]?|argon2\w*|pbkdf2\S*|scrypt)\$`)
	looksList   = regexp.MustCompile(`^\s*[^\s@,;]+@[^\s@,;]+(?:\s*[,;]\s*[^\s@,;]+@[^\s@,;]+)+\s*$`)
	looksRegion = regexp.MustCompile(`^[A-Z]{2}$`)
)

// sample lists the tables to be mapped and looks at each. A table that may not
// be read, or is too slow, is mapped by its names alone.
func (d *draft) sample(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, "SET LOCAL synchronize_seqscans = off"); err != nil { // the same rows each time
		return fmt.Errorf("prepare a sample of the messaging store: %w", err)
	}
	for _, name := range sortedKeys(d.c.tables) {
		r := d.c.tables[name]
		if r.view || housekeeping(name) {
			continue
		}
		t := &drafted{Table: datamap.Table{Name: name, Rules: map[datamap.Role]datamap.Rule{}}, r: r,
			shapes: map[string]*shape{}, leaves: map[string]*leaves{}, checks: map[string]string{}, via: map[int]edge{}}
		for _, column := range r.order {
			t.shapes[column] = &shape{distinct: map[string]bool{}}
		}
		d.names, d.tables[name] = append(d.names, name), t
		part, err := tx.Begin(ctx)
		if err != nil {
			return fmt.Errorf("sample %s: %w", name, err)
		}
		err = t.look(ctx, part, d.schema)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if t.unread = err != nil; t.unread {
			t.notes = append(t.notes, "its rows could not be read in time or at all, so all of this is guessed from names")
		}
		if err := part.Rollback(ctx); err != nil {
			return fmt.Errorf("sample %s: %w", name, err)
		}
	}
	return d.labels(ctx, tx)
}

func (t *drafted) look(ctx context.Context, tx pgx.Tx, schema string) error {
	columns := make([]string, len(t.r.order))
	for i, name := range t.r.order {
		switch c := t.r.columns[name]; {
		case c.sqlType == "tsvector": // large, and nobody reads it
			columns[i] = "NULL::text"
		case c.sqlType == "bytea":
			columns[i] = fmt.Sprintf("encode(substr(%s, 1, %d), 'hex')", ident("t", name), sampleJSON)
		case c.category == "A":
			columns[i] = fmt.Sprintf("left(to_json(%s)::text, %d)", ident("t", name), sampleJSON)
		default:
			columns[i] = fmt.Sprintf("left(%s::text, %d)", ident("t", name), sampleJSON)
		}
	}
	order := ""
	if len(t.r.key) > 0 {
		var by []string
		for _, k := range t.r.key {
			by = append(by, ident("t", k))
		}
		order = " ORDER BY " + strings.Join(by, ", ")
	}
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT %s FROM %s t%s LIMIT %d", strings.Join(columns, ", "), ident(schema, t.Name), order, sampleRows))
	if err != nil {
		return err
	}
	values := make([]*string, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	_, err = pgx.ForEachRow(rows, into, func() error {
		for i, v := range values {
			if v != nil && strings.TrimSpace(*v) != "" {
				t.see(t.r.order[i], *v)
			}
		}
		return nil
	})
	return err
}

func (t *drafted) see(column, v string) {
	c := t.r.columns[column]
	if c.sqlType == "bytea" {
		raw, err := hex.DecodeString(v)
		if v = string(raw); err != nil || !utf8.Valid(raw) || strings.ContainsRune(v, 0) {
			v = "bytes"
		}
	}
	if c.searchable() || c.sqlType == "bytea" {
		l := t.leaves[column]
		if l == nil {
			l = &leaves{at: map[string]*shape{}}
			t.leaves[column] = l
		}
		l.add(v)
	}
	if r := []rune(v); len(r) > sampleWidth {
		v = string(r[:sampleWidth])
	}
	t.shapes[column].add(v)
}

// json says that a column holds JSON, whatever its type.
func (t *drafted) json(column string) bool {
	c, l, s := t.r.columns[column], t.leaves[column], t.shapes[column]
	return c.sqlType == "json" || c.sqlType == "jsonb" || (c.category == "S" || c.sqlType == "bytea") && l != nil && s.mostly(l.n)
}

// labels adds what an enum may hold to what its columns hold.
func (d *draft) labels(ctx context.Context, tx pgx.Tx) error {
	var table, column, label string
	return each(ctx, tx, `
		SELECT c.relname::text, a.attname::text, e.enumlabel::text
		FROM pg_attribute a
		JOIN pg_class c ON c.oid = a.attrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_enum e ON e.enumtypid = a.atttypid
		WHERE n.nspname = $1 AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY 1, 2, e.enumsortorder`, []any{d.schema}, []any{&table, &column, &label}, func() {
		if t := d.tables[table]; t != nil {
			t.shapes[column].distinct[label] = true
		}
	})
}

func (s *shape) add(v string) {
	if s.n == sampleValues {
		return
	}
	s.n++
	if len(s.distinct) < maxDistinct {
		s.distinct[v] = true
	}
	count := func(at *int, is bool) {
		if is {
			*at++
		}
	}
	digits := strings.Trim(v, "0123456789") == ""
	jid := looksJID.MatchString(v)
	count(&s.email, looksEmail.MatchString(v) && !jid)
	count(&s.phone, jid || looksPhone.MatchString(v) && !looksDate.MatchString(v) && dialled(v))
	count(&s.digits, digits && valid("+"+v))
	count(&s.region, looksRegion.MatchString(v) && phonenumbers.GetCountryCodeForRegion(v) != 0)
	count(&s.path, looksPath.MatchString(v))
	count(&s.list, looksList.MatchString(v))
	count(&s.web, strings.Contains(v, "://"))
	count(&s.prose, len(v) > 24 && strings.Count(v, " ") > 2)
	count(&s.hash, looksHash.MatchString(v))
	if digits {
		moment, _ := strconv.ParseInt(v, 10, 64) // 0 if it is too long for a moment
		count(&s.millis, moment > 1e12 && moment < 4e12)
		count(&s.seconds, moment > 1e9 && moment < 4e9)
	}
}

// dialled tells numbers from other digits: a plus or a zero in front, or a
// country code with a number that can be.
func dialled(v string) bool {
	v = strings.TrimSpace(v)
	if n := len(digitsOf(v)); n < 7 || n > 15 {
		return false
	}
	return strings.ContainsAny(v[:1], "+0(wt") || valid("+"+v)
}

func digitsOf(v string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, v)
}

func valid(v string) bool {
	n, err := phonenumbers.Parse(v, "")
	return err == nil && phonenumbers.IsValidNumber(n)
}

// mostly says that at least four in five of enough values have a trait.
func (s *shape) mostly(trait int) bool { return s.n >= 3 && trait*5 >= s.n*4 }

// denies says that the values speak against what the name promises.
func (s *shape) denies(trait int) bool { return s.n >= 3 && trait*3 < s.n }

// among gives those of the words that the column holds.
func (s *shape) among(words []string) []string {
	var out []string
	for _, w := range words {
		if s.distinct[w] && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

// within says that all that a column was seen to hold is among all that another
// holds, so far as few values can say that.
func (s *shape) within(other *shape) bool {
	if s.n == 0 || len(s.distinct) == maxDistinct || len(other.distinct) == maxDistinct {
		return false
	}
	for v := range s.distinct {
		if !other.distinct[v] {
			return false
		}
	}
	return true
}
