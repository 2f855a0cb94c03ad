package demo

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Hit is a planted string that is still there.
type Hit struct {
	Table, Column, Key string
	Planted            string
}

// relation is a table or materialised view as the live catalogue has it.
type relation struct {
	Name    string
	Keys    []string // primary key
	Columns []string
	Bytes   bool // has a bytea column
}

func (t relation) quoted() string { return pgx.Identifier{"public", t.Name}.Sanitize() }

func (t relation) key() string {
	if len(t.Keys) == 0 {
		return "t.ctid::text"
	}
	parts := make([]string, len(t.Keys))
	for i, k := range t.Keys {
		parts[i] = "t." + pgx.Identifier{k}.Sanitize() + "::text"
	}
	return strings.Join(parts, " || '|' || ")
}

// catalogue lists what schema public holds today; nothing is remembered from
// schema.sql, so that a table that somebody adds cannot be forgotten.
func catalogue(ctx context.Context, pool *pgxpool.Pool) ([]relation, error) {
	rows, err := pool.Query(ctx, `
		SELECT c.relname::text,
		       array(SELECT a.attname::text FROM pg_index i JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
		             WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)),
		       array(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum),
		       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.atttypid = 'bytea'::regtype AND NOT a.attisdropped)
		FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'm')
		ORDER BY c.relname`)
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return all, nil
}

// Residue searches every column of every table for each planted string, in
// whatever type it hides: text, JSON, arrays, addresses, bytes, and numbers
// inside base64. A string counts where it stands as a word of its own, letters
// in either case: 5511987654321 is not in 55119876543210.
func Residue(ctx context.Context, pool *pgxpool.Pool, planted []string) ([]Hit, error) {
	all, err := catalogue(ctx, pool)
	if err != nil {
		return nil, err
	}
	needles := make([]needle, len(planted))
	for i, p := range planted {
		needles[i] = newNeedle(p)
	}
	var hits []Hit
	for _, t := range all {
		columns := make([]string, len(t.Columns))
		for i, c := range t.Columns {
			columns[i] = "t." + pgx.Identifier{c}.Sanitize() + "::text"
		}
		// The rough search is the database's, over the whole row; what it
		// lets through is looked at column by column.
		rows, err := pool.Query(ctx, fmt.Sprintf("SELECT %s, ARRAY[%s] FROM %s t WHERE lower(t::text) LIKE ANY ($1)",
			t.key(), strings.Join(columns, ", "), t.quoted()), rough(needles, t.Bytes))
		if err != nil {
			return nil, fmt.Errorf("search %s: %w", t.Name, err)
		}
		var (
			key    string
			values []*string
		)
		_, err = pgx.ForEachRow(rows, []any{&key, &values}, func() error {
			for i, v := range values {
				for _, n := range needles {
					if v != nil && n.in(*v) {
						hits = append(hits, Hit{Table: t.Name, Column: t.Columns[i], Key: key, Planted: n.planted})
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("search %s: %w", t.Name, err)
		}
	}
	return hits, nil
}

// needle is a planted string in the forms that it may take in a column.
type needle struct {
	planted string
	words   []string // lower case; whole words only
	pieces  []string // hexadecimal, lower case: how bytea shows
	base64  []string // case counts
}

func newNeedle(p string) needle {
	low := strings.ToLower(p)
	n := needle{planted: p, words: []string{low}, pieces: []string{hex.EncodeToString([]byte(p))}}
	for _, s := range []string{p, low} { // JSON in a text column may spell letters as \u00e9
		if e := strings.ToLower(escaped(s)); !slices.Contains(n.words, e) {
			n.words = append(n.words, e)
		}
	}
	if len(p) >= 8 && strings.Trim(p, "0123456789") == "" {
		for shift := range 3 {
			n.base64 = append(n.base64, base64Core(p, shift))
		}
	}
	return n
}

func escaped(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// base64Core is what of base64(…p…) does not depend on the bytes around p, if p
// starts shift bytes after a multiple of three.
func base64Core(p string, shift int) string {
	enc := base64.RawStdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + p))
	from := (shift*8 + 5) / 6      // first character made of p alone
	to := (shift + len(p)) * 8 / 6 // last one that is
	return enc[from:min(to, len(enc))]
}

// rough gives LIKE patterns that let through at least what the needles are in.
// A form that contains another one adds nothing; each pattern costs a scan.
func rough(needles []needle, bytes bool) []string {
	var forms []string
	for _, n := range needles {
		forms = append(forms, n.words...)
		for _, f := range n.base64 {
			forms = append(forms, strings.ToLower(f))
		}
		if bytes {
			forms = append(forms, n.pieces...)
		}
	}
	slices.Sort(forms)
	forms = slices.Compact(forms)
	var patterns []string
	escape := strings.NewReplacer(`\`, `%`, `%`, `\%`, `_`, `\_`) // a row's text may double a backslash
	for _, f := range forms {
		if !slices.ContainsFunc(forms, func(g string) bool { return g != f && strings.Contains(f, g) }) {
			patterns = append(patterns, "%"+escape.Replace(f)+"%")
		}
	}
	return patterns
}

func (n needle) in(value string) bool {
	low := strings.ToLower(value)
	for _, w := range n.words {
		if asWord(low, w) {
			return true
		}
	}
	if strings.HasPrefix(low, `\x`) { // bytea
		for _, p := range n.pieces {
			if strings.Contains(low, p) {
				return true
			}
		}
		if b, err := hex.DecodeString(low[2:]); err == nil && utf8.Valid(b) && n.in(strings.TrimLeft(string(b), `\`)) {
			return true
		}
	}
	for _, core := range n.base64 {
		if i := strings.Index(value, core); i >= 0 && n.decoded(value, i, core) {
			return true
		}
	}
	return false
}

// decoded makes sure that a number found in base64 is the whole number there,
// and not the beginning of a longer one.
func (n needle) decoded(value string, at int, core string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	from := at
	for from > 0 && strings.IndexByte(alphabet, value[from-1]) >= 0 {
		from--
	}
	to := at + len(core)
	for to < len(value) && strings.IndexByte(alphabet, value[to]) >= 0 {
		to++
	}
	for lead := range 4 { // words before the base64 text shift it
		if from+lead >= at {
			break
		}
		run := value[from+lead : to]
		if len(run)%4 == 1 {
			run = run[:len(run)-1] // no byte ends there
		}
		b, err := base64.RawStdEncoding.DecodeString(run)
		if err == nil && asWord(string(b), n.planted) {
			return true
		}
	}
	return false
}

// asWord finds w in s with no letter or digit next to it. A letter after a
// backslash is an escape and borders like a space.
func asWord(s, w string) bool {
	for from := 0; ; {
		i := strings.Index(s[from:], w)
		if i < 0 {
			return false
		}
		i += from
		before, size := utf8.DecodeLastRuneInString(s[:i])
		after, _ := utf8.DecodeRuneInString(s[i+len(w):])
		escape := i-size > 0 && s[i-size-1] == '\\' && strings.ContainsRune("nrtbf", before)
		if (!inWord(before) || escape) && !inWord(after) {
			return true
		}
		from = i + 1
	}
}

func inWord(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// String names a hit without repeating whose it is.
func (h Hit) String() string {
	return strconv.Quote(h.Planted) + " in " + h.Table + "." + h.Column + " " + h.Key
}
