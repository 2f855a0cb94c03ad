package connector

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// An opt-out stands in the store's own list, for each tenant that knows the
// person, and as a keyed hash in dsar.suppressed, where no erasure takes it away.

// optingOut lists what an opt-out writes: the stop of its purpose, and the
// suppressions.
func (s *Store) optingOut(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error) {
	out, err := s.stopping(ctx, tx, c, r, ask, cutoff)
	if err != nil {
		return nil, err
	}
	tenants, err := s.knownIn(ctx, tx, c, r)
	if err != nil {
		return nil, err
	}
	lists := 0
	for _, t := range s.m.Tables {
		if t.Suppress != nil {
			lists++
			w, err := s.suppressWork(ctx, tx, c, r, t, t.Suppress.By, tenants)
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		}
	}
	if lists == 0 && len(s.m.Person) > 0 { // the hash is kept all the same
		root := s.m.Person[0]
		t, _ := s.m.Table(root.Table)
		for _, kind := range s.kindsOf(root) {
			w, err := s.suppressWork(ctx, tx, c, r, t, kind, tenants)
			if err != nil {
				return nil, err
			}
			out = append(out, w)
		}
	}
	return out, nil
}

// withdrawing is an opt-out if no purpose was named, else the stop of those.
func (s *Store) withdrawing(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, ask Ask, cutoff string) ([]work, error) {
	if len(ask.Purposes) > 0 {
		return s.stopping(ctx, tx, c, r, ask, cutoff)
	}
	return s.optingOut(ctx, tx, c, r, ask, cutoff)
}

func (s *Store) kindsOf(root datamap.Root) []string {
	var out []string
	for _, m := range root.Match {
		if !slices.Contains(out, m.By) {
			out = append(out, m.By)
		}
	}
	return out
}

// suppression is an identifier that must not be written to, and by whom.
type suppression struct{ tenant, value string }

// suppressions lists what an opt-out suppresses: what was proved, by everybody
// who knows the subject; and what a tenant's own row holds beside something that
// was proved, by that tenant. What was learnt otherwise is somebody's too, but
// nobody showed that it is the same person's.
func (s *Store) suppressions(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, kind string, tenants []string) ([]suppression, error) {
	v := &resolver{s: s, tx: tx, c: c, regions: map[string]string{}, r: &roots{Who: r.Who, Keys: map[string][]string{}, Values: map[string][]string{}}}
	for kind, value := range r.Who.identifiers() {
		if normal := s.m.Normalisers[kind].Normal(value, s.m.Store.Region); normal != "" && s.m.Normalisers[kind].Kind != "" {
			v.r.Values[kind] = []string{normal}
		}
	}
	var out []suppression
	add := func(tenant, value string) {
		if one := (suppression{tenant, value}); value != "" && slices.Contains(tenants, tenant) && !slices.Contains(out, one) {
			out = append(out, one)
		}
	}
	for _, value := range v.r.Values[kind] {
		for _, tenant := range tenants {
			add(tenant, value)
		}
	}
	if err := v.match(ctx, v.r.Values, false); err != nil {
		return nil, err
	}
	for _, root := range s.m.Person {
		for _, k := range root.Match {
			if k.By != kind || len(v.r.Keys[root.Table]) == 0 {
				continue
			}
			q := s.query(c, v.r)
			at, reading := q.matchRows(root, k)
			reading.where = q.anyOf(rootAlias(k), root.Table, root.Key, "root", v.r.Keys[root.Table]) + q.when("t", at.table, k.When)
			rows, err := v.read(ctx, q, reading)
			if err != nil {
				return nil, fmt.Errorf("read %s in %s: %w", kind, at.table, err)
			}
			for _, h := range rows {
				for _, text := range q.texts(at, h.value) {
					add(h.tenant, v.normal(k, text, h.tenant))
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b suppression) int {
		return cmp.Or(strings.Compare(a.tenant, b.tenant), strings.Compare(a.value, b.value))
	})
	return out, nil
}

// knownIn lists the tenants in which the subject has rows of its own, or "" in a
// store without tenants.
func (s *Store) knownIn(ctx context.Context, tx pgx.Tx, c *catalog, r *roots) ([]string, error) {
	if s.m.Tenant == nil {
		return []string{""}, nil
	}
	var out []string
	for _, t := range s.m.Tables {
		for _, role := range s.ownRoles(t, r) {
			if len(s.query(c, r).ways(t, "t", role)) == 0 || !s.identifiesPeople(t) {
				continue
			}
			q := s.query(c, r)
			var tenant string
			err := each(ctx, tx, "SELECT DISTINCT tenant FROM ("+q.union(t, role, "coalesce("+q.tenant("t", t)+", '') AS tenant", "")+") u", q.args, []any{&tenant}, func() {
				if tenant != "" && !slices.Contains(out, tenant) {
					out = append(out, tenant)
				}
			})
			if err != nil {
				return nil, fmt.Errorf("look who knows the subject in %s: %w", t.Name, err)
			}
		}
	}
	slices.Sort(out)
	return out, nil
}

// ownRoles are the roles in which rows are the subject's own, or at least not
// somebody else's.
func (s *Store) ownRoles(t *datamap.Table, r *roots) []datamap.Role {
	return slices.DeleteFunc(s.rolesOf(t, r.Who.Organization), func(role datamap.Role) bool {
		return role == "" || role == datamap.OtherPerson || withheld(t, role)
	})
}

// identifiesPeople says that a table's rows are people, or name them by an identifier.
func (s *Store) identifiesPeople(t *datamap.Table) bool {
	return s.isRoot(t, false) || slices.ContainsFunc(t.Paths, func(p datamap.Path) bool { return p.Find != "" })
}

func (s *Store) suppressWork(ctx context.Context, tx pgx.Tx, c *catalog, r *roots, t *datamap.Table, kind string, tenants []string) (work, error) {
	w := newWork(t, "", datamap.Rule{Do: datamap.Suppressing}, part(kind))
	all, err := s.suppressions(ctx, tx, c, r, kind, tenants)
	if err != nil {
		return w, err
	}
	w.Rows, w.listless = int64(len(all)), true
	w.change = func(ctx context.Context, tx pgx.Tx, e *execution, w *work, _ int) (int64, error) {
		for _, one := range all {
			if err := e.suppress(ctx, tx, t, kind, one.value, one.tenant); err != nil {
				return 0, err
			}
		}
		return min(w.Rows, int64(len(all))), nil
	}
	w.left = func(ctx context.Context, tx pgx.Tx, p *proof, w *work) (n int64, err error) {
		for _, one := range all {
			var kept bool
			err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM dsar.suppressed WHERE kind = $1 AND hash = $2 AND tenant = $3)", kind, s.hash(kind, one.value), one.tenant).Scan(&kept)
			if err != nil {
				return 0, fmt.Errorf("look for the opt-out: %w", err)
			}
			listed, err := s.listed(ctx, tx, p.c, t, one.value, one.tenant)
			if err != nil {
				return 0, err
			}
			if !kept || !listed {
				n++
			}
		}
		return n, nil
	}
	return w, nil
}

// suppress writes one opt-out; it may be repeated.
func (e *execution) suppress(ctx context.Context, tx pgx.Tx, t *datamap.Table, kind, value, tenant string) error {
	if _, err := tx.Exec(ctx, "INSERT INTO dsar.suppressed (tenant, kind, hash, operation) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
		tenant, kind, e.s.hash(kind, value), e.op); err != nil {
		return fmt.Errorf("keep the opt-out: %w", err)
	}
	var err error
	switch u := t.Suppress; {
	case u == nil:
	case u.Append != "":
		err = e.append(ctx, tx, t, value, tenant)
	default:
		q := e.s.query(e.c, e.roots)
		_, err = tx.Exec(ctx, q.suppression(t, e.s.m.Normalisers[kind], value, tenant), q.args...)
	}
	if err != nil {
		return fmt.Errorf("write the opt-out to %s: %w", t.Name, err)
	}
	return nil
}

// suppression inserts the row of an opt-out unless it is there.
func (q *query) suppression(t *datamap.Table, n datamap.Normaliser, value, tenant string) string {
	var names, values []string
	for _, a := range t.Suppress.Set {
		names, values = append(names, ident(a.Column)), append(values, q.written(t, a, n, value, tenant))
	}
	return fmt.Sprintf("INSERT INTO %s (%s) SELECT %s WHERE NOT EXISTS (%s) ON CONFLICT DO NOTHING",
		q.table(t.Name), strings.Join(names, ", "), strings.Join(values, ", "), q.suppressed(t, n, value, tenant))
}

// suppressed finds the row of an opt-out, whenever it was written.
func (q *query) suppressed(t *datamap.Table, n datamap.Normaliser, value, tenant string) string {
	var same []string
	for _, a := range t.Suppress.Set {
		if a.Fill == datamap.Identifier || a.Fill == datamap.OfTenant || a.Fill == datamap.Constant {
			same = append(same, ident("t", a.Column)+" = "+q.written(t, a, n, value, tenant))
		}
	}
	return fmt.Sprintf("SELECT FROM %s t WHERE %s", q.table(t.Name), strings.Join(same, " AND "))
}

// written is what one column of an opt-out's row gets.
func (q *query) written(t *datamap.Table, a datamap.Assignment, n datamap.Normaliser, value, tenant string) string {
	sqlType := q.column(t.Name, a.Column).sqlType
	switch a.Fill {
	case datamap.Identifier:
		return fmt.Sprintf("%s::text::%s", q.arg("identifier\x00"+string(a.Stored), storedAs(n, a.Stored, []string{value})[0]), sqlType)
	case datamap.OfTenant:
		return fmt.Sprintf("%s::text::%s", q.arg("tenant", tenant), sqlType)
	case datamap.Constant:
		return fmt.Sprintf("%s::text::%s", q.arg("constant\x00"+a.Value, a.Value), sqlType)
	case datamap.Now:
		return q.now(t, a.Column)
	}
	return "NULL"
}

// now is this moment as a column writes it.
func (q *query) now(t *datamap.Table, name string) string {
	c, _ := t.Column(name)
	switch sqlType := q.column(t.Name, name).sqlType; {
	case c.Epoch == "ms":
		return "(extract(epoch FROM now()) * 1000)::bigint::" + sqlType
	case c.Epoch == "s":
		return "extract(epoch FROM now())::bigint::" + sqlType
	case sqlType == "timestamp without time zone":
		return fmt.Sprintf("(now() AT TIME ZONE %s::text)", q.arg("zone", q.m.Store.Zone))
	default:
		return "now()::" + sqlType
	}
}

// lists reads the tenant's rows that hold a JSON list, locked if wanted.
func (s *Store) lists(ctx context.Context, tx pgx.Tx, c *catalog, t *datamap.Table, tenant, lock string) ([]row, error) {
	q := s.query(c, &roots{})
	where := "true"
	if s.m.Tenant != nil {
		where = fmt.Sprintf("%s = %s::text", q.tenant("t", t), q.arg("", tenant))
	}
	return readRows(ctx, tx, fmt.Sprintf("SELECT %s, %s::text FROM %s t WHERE %s%s", q.rowKey("t", t), ident("t", t.Suppress.Append), q.table(t.Name), where, lock), 1, q.args...)
}

var errNoList = errors.New("the column holds no JSON list")

// has says whether a list holds an identifier, in any writing.
func (s *Store) has(list *string, kind, value string) (bool, error) {
	if list == nil {
		return false, nil
	}
	var elements []json.RawMessage
	if err := json.Unmarshal([]byte(*list), &elements); err != nil {
		return false, errNoList
	}
	return slices.ContainsFunc(elements, func(one json.RawMessage) bool { // a number may stand there as one
		return s.m.Normalisers[kind].Normal(textOf(one), s.m.Store.Region) == value
	}), nil
}

// append adds the identifier to the tenant's lists, and leaves every other byte.
func (e *execution) append(ctx context.Context, tx pgx.Tx, t *datamap.Table, value, tenant string) error {
	rows, err := e.s.lists(ctx, tx, e.c, t, tenant, " FOR UPDATE")
	if err != nil {
		return err
	}
	u := t.Suppress
	element := quoted(storedAs(e.s.m.Normalisers[u.By], u.Stored, []string{value})[0])
	var changed []row
	for _, r := range rows {
		there, err := e.s.has(r.values[0], u.By, value)
		if err != nil {
			return err
		}
		if !there {
			r.values[0] = new(appended(r.values[0], element))
			changed = append(changed, r)
		}
	}
	return e.put(ctx, tx, t, []string{u.Append}, changed)
}

func appended(list *string, element []byte) string {
	if list == nil || strings.TrimSpace(*list) == "null" {
		return "[" + string(element) + "]"
	}
	before := strings.TrimRight((*list)[:strings.LastIndexByte(*list, ']')], " \t\r\n")
	comma := ", "
	if strings.HasSuffix(before, "[") {
		comma = ""
	}
	return before + comma + string(element) + (*list)[len(before):]
}

// listed says whether the store's own list has the opt-out.
func (s *Store) listed(ctx context.Context, tx pgx.Tx, c *catalog, t *datamap.Table, value, tenant string) (bool, error) {
	switch u := t.Suppress; {
	case u == nil:
		return true, nil
	case u.Append == "":
		q := s.query(c, &roots{})
		var there bool
		if err := tx.QueryRow(ctx, "SELECT EXISTS ("+q.suppressed(t, s.m.Normalisers[u.By], value, tenant)+")", q.args...).Scan(&there); err != nil {
			return false, fmt.Errorf("look for the opt-out in %s: %w", t.Name, err)
		}
		return there, nil
	}
	rows, err := s.lists(ctx, tx, c, t, tenant, "")
	if err != nil {
		return false, fmt.Errorf("look for the opt-out in %s: %w", t.Name, err)
	}
	for _, r := range rows {
		if there, err := s.has(r.values[0], t.Suppress.By, value); err != nil || !there {
			return false, err
		}
	}
	return true, nil
}
