package connector

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/crowsstack/privacy-portal/internal/datamap"
)

// A Fides dataset (fideslang, https://ethyca.github.io/fideslang) says less than
// a data map: what it says is taken as a hint for the draft, and what a draft
// cannot take over is listed, because a silent loss would be a gap in the map.

type fidesFile struct {
	Datasets []fidesDataset `yaml:"dataset"`
}

type fidesDataset struct {
	Key         string            `yaml:"fides_key"`
	Categories  []string          `yaml:"data_categories"`
	Collections []fidesCollection `yaml:"collections"`
	Meta        *fidesMeta        `yaml:"fides_meta"`
	OldMeta     *fidesMeta        `yaml:"fidesops_meta"`
}

type fidesCollection struct {
	Name       string       `yaml:"name"`
	Categories []string     `yaml:"data_categories"`
	Fields     []fidesField `yaml:"fields"`
	Meta       *fidesMeta   `yaml:"fides_meta"`
	OldMeta    *fidesMeta   `yaml:"fidesops_meta"`
}

type fidesField struct {
	Name       string       `yaml:"name"`
	Categories []string     `yaml:"data_categories"`
	Fields     []fidesField `yaml:"fields"`
	Meta       *fidesMeta   `yaml:"fides_meta"`
	OldMeta    *fidesMeta   `yaml:"fidesops_meta"`
}

// fidesMeta holds the keys of all three levels: none of them means two things.
type fidesMeta struct {
	After      []string         `yaml:"after"`
	EraseAfter []string         `yaml:"erase_after"`
	Skip       bool             `yaml:"skip_processing"`
	Masking    *fidesMasking    `yaml:"masking_strategy_override"`
	Primary    bool             `yaml:"primary_key"`
	Identity   string           `yaml:"identity"`
	References []fidesReference `yaml:"references"`
	Type       string           `yaml:"data_type"`
	ReadOnly   bool             `yaml:"read_only"`
	Whole      bool             `yaml:"return_all_elements"`
	Custom     string           `yaml:"custom_request_field"`
	Redact     string           `yaml:"redact"`
	Partition  any              `yaml:"partitioning"`
	Namespace  any              `yaml:"namespace"`
}

type fidesReference struct {
	Dataset   string `yaml:"dataset"`
	Field     string `yaml:"field"`
	Direction string `yaml:"direction"`
}

type fidesMasking struct {
	Strategy string `yaml:"strategy"`
	Config   struct {
		Value string `yaml:"rewrite_value"`
	} `yaml:"configuration"`
}

// hints is what a dataset says of the tables of a store.
type hints struct {
	identity map[string]map[string]string        // table → column → identifier kind
	group    map[string]map[string]datamap.Group // table → column
	set      map[string][]datamap.Assignment     // table → what a deletion overwrites
	remove   map[string]bool                     // table → rows go as a whole
	key      map[string][]string                 // table → columns said to be its key
	edges    []edge
	kinds    []string // identifier kinds besides email and phone
	lost     []string
}

func (h *hints) lose(format string, args ...any) {
	h.lost = append(h.lost, fmt.Sprintf(format, args...))
}

// readFides reads a dataset file.
func readFides(src []byte) (*hints, error) {
	var file fidesFile
	if err := yaml.Unmarshal(src, &file); err != nil {
		return nil, fmt.Errorf("this is no Fides dataset: %w", err)
	}
	if len(file.Datasets) == 0 {
		return nil, fmt.Errorf("this is no Fides dataset: expected dataset: with a list")
	}
	h := &hints{identity: map[string]map[string]string{}, group: map[string]map[string]datamap.Group{}, set: map[string][]datamap.Assignment{},
		remove: map[string]bool{}, key: map[string][]string{}}
	for _, d := range file.Datasets {
		if m := newer(d.Meta, d.OldMeta); m != nil {
			h.loseMeta("the dataset "+d.Key, *m)
		}
		for _, c := range d.Collections {
			h.collection(d, c)
		}
	}
	return h, nil
}

// newer takes the newer spelling where both stand.
func newer(meta, old *fidesMeta) *fidesMeta {
	if meta != nil {
		return meta
	}
	return old
}

// loseMeta lists what has no counterpart in a map, or another one.
func (h *hints) loseMeta(what string, m fidesMeta) {
	for _, l := range []struct {
		there bool
		why   string
	}{
		{len(m.After) > 0, "after: a search needs no order"},
		{len(m.EraseAfter) > 0, "erase_after: a deletion takes its order from foreign keys and paths; add a path, or list the column under self or detach"},
		{m.Skip, "skip_processing: the table is drafted all the same; list it under ignore if nobody is in it"},
		{m.ReadOnly, "read_only: leave the column out of every set"},
		{m.Whole, "return_all_elements: a list is exported as it stands; say under json what each place of it is"},
		{m.Custom != "", "custom_request_field: a request has no free fields"},
		{m.Redact != "", "redact: names of tables and columns are not hidden in a package; give them a title"},
		{m.Partition != nil, "partitioning: of another database"},
		{m.Namespace != nil, "namespace: the schema comes from the command line"},
	} {
		if l.there {
			h.lose("%s: %s", what, l.why)
		}
	}
}

func (h *hints) collection(d fidesDataset, c fidesCollection) {
	if m := newer(c.Meta, c.OldMeta); m != nil {
		h.loseMeta(c.Name, *m)
		if m.Masking != nil {
			h.remove[c.Name] = m.Masking.Strategy == "delete"
		}
	}
	h.identity[c.Name], h.group[c.Name] = map[string]string{}, map[string]datamap.Group{}
	for _, f := range c.Fields {
		h.field(d, c, f)
	}
}

func (h *hints) field(d fidesDataset, c fidesCollection, f fidesField) {
	at := c.Name + "." + f.Name
	if len(f.Fields) > 0 {
		h.nested(at, f.Fields)
	}
	if g := fidesGroup(slices.Concat(f.Categories, c.Categories, d.Categories)); g != "" {
		h.group[c.Name][f.Name] = g
	}
	m := newer(f.Meta, f.OldMeta)
	if m == nil {
		return
	}
	h.loseMeta(at, *m)
	if m.Primary {
		h.key[c.Name] = append(h.key[c.Name], f.Name)
	}
	switch m.Identity {
	case "":
	case "email":
		h.identity[c.Name][f.Name] = "email"
	case "phone_number":
		h.identity[c.Name][f.Name] = "phone"
	default:
		h.identity[c.Name][f.Name] = m.Identity
		if !slices.Contains(h.kinds, m.Identity) {
			h.kinds = append(h.kinds, m.Identity)
		}
	}
	for _, r := range m.References {
		h.reference(d, c.Name, f.Name, r)
	}
	if m.Masking != nil {
		h.mask(c.Name, f.Name, *m.Masking)
	}
}

// nested lists what a dataset says of places inside a JSON value.
func (h *hints) nested(at string, fields []fidesField) {
	for _, f := range fields {
		inner := at + "." + f.Name
		h.nested(inner, f.Fields)
		if m := newer(f.Meta, f.OldMeta); m != nil && (m.Identity != "" || len(m.References) > 0 || m.Masking != nil) {
			h.lose("%s: it stands inside a JSON value; write match, reach or set with json: for it", inner)
		}
	}
}

func (h *hints) reference(d fidesDataset, table, column string, r fidesReference) {
	at := table + "." + column
	parts := strings.Split(r.Field, ".")
	switch {
	case r.Dataset != "" && r.Dataset != d.Key:
		h.lose("%s: it refers to the dataset %s, which is another store", at, r.Dataset)
	case len(parts) != 2:
		h.lose("%s: it refers to %s, a place inside a JSON value; write reach with json: for it", at, r.Field)
	case r.Direction == "to":
		h.edges = append(h.edges, edge{table: parts[0], target: table, columns: []string{parts[1]}, to: []string{column}})
	default:
		h.edges = append(h.edges, edge{table: table, target: parts[0], columns: []string{column}, to: []string{parts[1]}})
	}
}

// mask turns a masking strategy into what a deletion writes.
func (h *hints) mask(table, column string, m fidesMasking) {
	a := datamap.Assignment{Column: column}
	switch m.Strategy {
	case "null_rewrite":
		a.Fill = datamap.Null
	case "string_rewrite":
		a.Fill, a.Value = datamap.Constant, m.Config.Value
	case "random_string_rewrite":
		a.Fill, a.Value = datamap.Fresh, "{key}"
	case "hash", "hmac":
		a.Fill, a.Source = datamap.Hash, column
		h.lose("%s.%s: %s becomes a hash with our own key, which is what makes it one-way", table, column, m.Strategy)
	case "preserve":
		return
	default:
		h.lose("%s.%s: the masking strategy %s can be undone or is not known; choose how the column is overwritten", table, column, m.Strategy)
		return
	}
	h.set[table] = append(h.set[table], a)
}

// fidesGroup says what a column is by its categories, "" if the draft knows as much.
func fidesGroup(categories []string) datamap.Group {
	out := datamap.Group("")
	for _, c := range categories {
		switch {
		case strings.HasPrefix(c, "user.authorization"), strings.Contains(c, "credential"), strings.Contains(c, "password"), strings.HasPrefix(c, "user.biometric"):
			return datamap.Secret
		case c == "user.unique_id", strings.HasPrefix(c, "user.unique_id."):
		case strings.HasPrefix(c, "user"):
			out = datamap.Data
		case strings.HasPrefix(c, "system") && out == "":
			out = datamap.None
		}
	}
	return out
}

// fit drops what the store does not have, and says so.
func (h *hints) fit(d *draft) {
	has := func(table, column string) bool {
		t := d.tables[table]
		return t != nil && t.r.columns[column] != nil
	}
	for _, table := range sortedKeys(h.group) {
		t := d.tables[table]
		if t == nil {
			h.lose("%s: the store has no such table", table)
			continue
		}
		if key := h.key[table]; len(key) > 0 && len(t.r.key) > 0 && !sameSet(key, t.r.key) {
			h.lose("%s: primary_key %s; the store's own is %s", table, strings.Join(key, ", "), strings.Join(t.r.key, ", "))
		}
		for _, column := range sortedKeys(h.group[table]) {
			if !has(table, column) {
				h.lose("%s.%s: the table has no such column", table, column)
			}
		}
		for _, column := range sortedKeys(h.identity[table]) {
			if !has(table, column) {
				h.lose("%s.%s: an identity, and the table has no such column", table, column)
				delete(h.identity[table], column)
			}
		}
		h.set[table] = slices.DeleteFunc(h.set[table], func(a datamap.Assignment) bool { return !has(table, a.Column) })
	}
	h.edges = slices.DeleteFunc(h.edges, func(e edge) bool {
		gone := !has(e.table, e.columns[0]) || !has(e.target, e.to[0])
		if gone {
			h.lose("%s.%s: a reference to %s.%s, which the store does not have", e.table, e.columns[0], e.target, e.to[0])
		}
		return gone
	})
}
