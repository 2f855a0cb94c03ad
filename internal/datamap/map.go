package datamap

import (
	"iter"
	"slices"
)

// Map is one data map, read and checked in itself. Whether it fits a live
// store is for the connector to say.
type Map struct {
	Store        StoreInfo
	Drift        Drift
	Tenant       *Tenant // nil if the store knows no tenants
	Normalisers  map[string]Normaliser
	Categories   []Category
	Person       []Root
	Organization *OrganizationRoot // nil if nobody may ask for a whole tenant
	Grounds      map[string]Ground
	Ignored      map[string]string // tables and views without personal data → why
	Tables       []*Table

	hash   string
	byName map[string]*Table
}

// Hash is the SHA-256 of the file's bytes, hex. It names the version of the map.
func (m *Map) Hash() string { return m.hash }

// Table gives a mapped table by name.
func (m *Map) Table(name string) (*Table, bool) {
	t, ok := m.byName[name]
	return t, ok
}

// Category gives a category by its id.
func (m *Map) Category(id string) (Category, bool) {
	i := slices.IndexFunc(m.Categories, func(c Category) bool { return c.ID == id })
	if i < 0 {
		return Category{}, false
	}
	return m.Categories[i], true
}

// StoreInfo says how the store writes what does not say it itself.
type StoreInfo struct {
	Name   string
	Schema string
	Region string // of numbers without a country code, where no tenant knows better
	Zone   string // of timestamps without a zone
}

// Level says whether a finding blocks.
type Level string

const (
	Fail Level = "fail"
	Warn Level = "warn"
)

// Drift says what a difference between map and store is worth.
type Drift struct {
	UnmappedTable  Level
	UnmappedColumn Level
	MissingIndex   Level
}

// Tenant is the table whose rows are the organizations.
type Tenant struct {
	Table  string
	Key    string
	Region string // column with the ISO region of the tenant's numbers, or ""
}

// Root is a table whose rows can be the person.
type Root struct {
	Table string
	Key   string // column that other tables refer to
	Match []Match
	Learn []Match
}

// Match says that a column holds an identifier of a kind.
type Match struct {
	By     string // normaliser, which is also the identifier's kind: email, phone …
	Column string
	Stored Stored
}

// Stored says in which form a column holds an identifier.
type Stored string

const (
	AsTyped     Stored = ""       // any writing: both sides are normalised
	AsNormal    Stored = "normal" // exactly the normal form
	AsDigits    Stored = "digits" // the normal form's digits only
	storedForms        = "normal, digits"
)

// OrganizationRoot says which row is the organization of a representative.
type OrganizationRoot struct {
	Table          string
	Key            string
	Representative Representative
}

// Representative says which rows may speak for an organization.
type Representative struct {
	Table        string
	Email        string // column
	Organization string // column that refers to the organization's key
	When         []Condition
	Absent       string // column that must be NULL, such as deleted_at; "" if none
}

// Condition is a column that must have one of the values: a discriminator.
type Condition struct {
	Column string
	In     []string
}

// Ground is why and how long a row must be kept.
type Ground struct {
	Code   string
	Words  Text
	Law    string
	Period Period // zero: without a fixed end
	From   string // column the period starts at
}

// Table is everything the map says of one table.
type Table struct {
	Name       string
	Title      Text
	Category   string
	Controller Controller
	Key        []string // only if the table has no primary key
	Tenant     *TenantPath
	Paths      []Path
	Rules      map[Role]Rule
	Self       []string // columns that refer to the same table, nulled before a delete
	Object     *Object
	Triggers   []string // triggers that were reviewed
	Columns    []Column
	Line       int
}

// Column gives a column by name.
func (t *Table) Column(name string) (Column, bool) {
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}, false
	}
	return t.Columns[i], true
}

// Erasures yields the table's rules in the order of Roles, an organization's
// last: what is said about them is said in the same order each time.
func (t *Table) Erasures() iter.Seq2[Role, Rule] {
	return func(yield func(Role, Rule) bool) {
		for _, role := range append(slices.Clone(Roles), TenantRole) {
			if u, ok := t.Rules[role]; ok && !yield(role, u) {
				return
			}
		}
	}
}

// TenantPath says whose tenant a row is: by a column of its own, or through the
// row of another table that the column refers to.
type TenantPath struct {
	Column string
	Parent string // "" if Column holds the tenant's key
	Key    string // column of Parent that Column refers to
	When   []Condition
}

// Role is what a person is to a row.
type Role string

const (
	OtherPerson Role = "other_person"
	Thread      Role = "thread"
	Owner       Role = "owner"
	Inherit     Role = "inherit"
	Author      Role = "author"
	Addressee   Role = "addressee"
	About       Role = "about"
	Named       Role = "named"
	TenantRole  Role = "tenant" // a whole organization's row
)

// Roles are all roles of a person, the most protective of others first. A row
// that is reached twice takes the first.
var Roles = []Role{OtherPerson, Thread, Owner, Inherit, Author, Addressee, About, Named}

// carrying are the roles through whose rows a path may go on: never through
// somebody else's.
var carrying = []Role{Thread, Owner, Inherit}

// Path is one way from the subject to rows of a table.
type Path struct {
	As       Role
	From     Ref // zero for Find and for the root itself
	Through  []Role
	Via      []Hop
	To       string
	And      []Pair // further columns that must be equal: composite keys
	Find     string // identifier kind, for a path by value
	In       []string
	Stored   Stored
	When     []Condition
	Withhold bool // not in the export: somebody else's words
	Root     bool // the row is the subject
	Line     int
}

// Ref names a column of a table.
type Ref struct{ Table, Column string }

// Pair is a column of the path's own table and one of the table it starts from.
type Pair struct{ Mine, Theirs string }

// Hop is a table between From and the path's own: From's column equals In, Out
// equals the next hop's In, or the path's To.
type Hop struct {
	Table, In, Out string
	When           []Condition
}

// Rule is what a deletion does to the rows of one role.
type Rule struct {
	Do     Action
	Ground string // for Keep, and for Anonymise if there is one
	From   string // column the ground's period starts at
	After  Action // Keep with a period: what happens to rows whose period is over
	// Expired is the ground whose period is over, in the rule that After makes.
	Expired string
	Set     []Assignment
	Line    int
}

// Fill says how an anonymised column is filled.
type Fill string

const (
	Null     Fill = "null"
	Constant Fill = "constant"
	Hash     Fill = "hash"  // keyed hash of Source
	Fresh    Fill = "fresh" // Value with {key} replaced: unique per row
)

// Assignment fills one column.
type Assignment struct {
	Column string
	Fill   Fill
	Value  string
	Source string
}

// Object says where the file of a row is.
type Object struct {
	Key  string // column with the object's key
	Name string // column with the file's name, or ""
}

// Group is what a column is to the map.
type Group string

const (
	Data    Group = "data"    // the subject's own, exported
	None    Group = "none"    // no personal data
	Link    Group = "link"    // refers to other rows
	Secret  Group = "secret"  // never leaves the store
	Staff   Group = "staff"   // other people: redacted
	Mention Group = "mention" // free text that may name the subject or others
)

// Column is one column of a table.
type Column struct {
	Name     string
	Group    Group
	Title    Text
	Category string // "" for the table's
	JSON     bool
	Mentions bool   // free text where others may name the subject
	Epoch    string // "ms" or "s": a number that is a moment
	Only     []Role // shown to these roles, redacted for others; empty for all
	Line     int
}
