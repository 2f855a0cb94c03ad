package demo

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Keys are primary keys, as text, by table.
type Keys map[string][]string

// Count of all keys.
func (k Keys) Count() int {
	var n int
	for ids := range maps.Values(k) {
		n += len(ids)
	}
	return n
}

// belongs says by hand, apart from any data map, which rows are a person's.
// Numbers are digits, of every form in which the person's are written.
var belongs = map[string]string{
	"users":               "id = @user",
	"contacts":            "id = ANY (@contacts)",
	"contact_notes":       "contact_id = ANY (@contacts) OR author_user_id = @user",
	"conversations":       "contact_id = ANY (@contacts) OR assigned_user_id = @user",
	"messages":            inThread + " OR sender_user_id = @user",
	"messages_archive":    inThread + " OR sender_user_id = @user",
	"message_events":      onMessages,
	"reactions":           onMessages + " OR contact_id = ANY (@contacts) OR user_id = @user",
	"attachments":         onMessages,
	"consents":            "contact_id = ANY (@contacts)",
	"opt_outs":            "number = ANY (@numbers)",
	"campaigns":           "created_by_user_id = @user",
	"campaign_recipients": "regexp_replace(phone, '[^0-9]', '', 'g') = ANY (@numbers)",
	"sessions":            "user_id = @user",
	"activity_logs":       "contact_id = ANY (@contacts) OR user_id = @user",
}

const (
	inThread   = "conversation_id IN (SELECT id FROM public.conversations WHERE contact_id = ANY (@contacts))"
	onMessages = "message_id IN (SELECT id FROM public.messages WHERE " + inThread + ")"
)

// RowsOf finds the rows that are a person's, or touched by them as a user of
// an organization. Ask before an erasure; afterwards the way to them is gone.
func RowsOf(ctx context.Context, pool *pgxpool.Pool, p Person) (Keys, error) {
	numbers := p.numbers()
	for _, c := range p.Contacts {
		numbers = append(numbers, digitsOf(c.Phone))
	}
	return keysWhere(ctx, pool, belongs, pgx.NamedArgs{"contacts": p.ContactIDs(), "user": p.UserID, "numbers": numbers})
}

// within says which rows are an organization's (@contacts).
var within = map[string]string{
	"organizations":       "id = @organization",
	"message_events":      "message_id IN (SELECT id FROM public.messages WHERE organization_id = @organization)",
	"reactions":           "message_id IN (SELECT id FROM public.messages WHERE organization_id = @organization)",
	"campaign_recipients": "campaign_id IN (SELECT id FROM public.campaigns WHERE organization_id = @organization)",
	"sessions":            "user_id IN (SELECT id FROM public.users WHERE organization_id = @organization)",
}

// RowsOfOrganization finds everything that is an organization's.
func RowsOfOrganization(ctx context.Context, pool *pgxpool.Pool, id int64) (Keys, error) {
	where := map[string]string{}
	for _, t := range tables {
		where[t.name] = "organization_id = @organization"
	}
	maps.Copy(where, within)
	return keysWhere(ctx, pool, where, pgx.NamedArgs{"organization": id})
}

func keysWhere(ctx context.Context, pool *pgxpool.Pool, where map[string]string, args pgx.NamedArgs) (Keys, error) {
	keys := Keys{}
	for table, condition := range where {
		rows, err := pool.Query(ctx, "SELECT id::text FROM public."+table+" WHERE "+condition, args)
		if err != nil {
			return nil, fmt.Errorf("find keys in %s: %w", table, err)
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return nil, fmt.Errorf("find keys in %s: %w", table, err)
		}
		if len(ids) > 0 {
			keys[table] = ids
		}
	}
	return keys, nil
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// Sum is the size of a set of rows and a checksum that does not depend on
// their order.
type Sum struct {
	Rows int64
	Hash string
}

// Checksum sums up every table of the schema, without the excluded rows: equal
// sums before and after prove that nobody else's row was touched.
func Checksum(ctx context.Context, pool *pgxpool.Pool, exclude ...Keys) (map[string]Sum, error) {
	all, err := catalogue(ctx, pool)
	if err != nil {
		return nil, err
	}
	sums := map[string]Sum{}
	for _, t := range all {
		var not []string
		for _, k := range exclude {
			not = append(not, k[t.Name]...)
		}
		var s Sum
		err := pool.QueryRow(ctx, fmt.Sprintf(`
			SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text
			FROM %s t WHERE NOT EXISTS (SELECT FROM unnest($1::text[]) k WHERE k = %s)`, t.quoted(), t.key()), not).Scan(&s.Rows, &s.Hash)
		if err != nil {
			return nil, fmt.Errorf("sum up %s: %w", t.Name, err)
		}
		sums[t.Name] = s
	}
	return sums, nil
}
