package datamap

import (
	"iter"
	"slices"
	"strings"
	"time"
)

// Map is one data map, read and checked in itself. Whether it fits a live
// store is for the connector to say.
type Map struct {
	Store        StoreInfo
	Stores       []StoreInfo // others, by name, whose tables say so
	Drift        Drift
	Tenant       *Tenant // nil if the store knows no tenants
	Normalisers  map[string]Normaliser
	Categories   []Category
	Person       []Root
	Organization *OrganizationRoot // nil if nobody may ask for a whole tenant
	Grounds      map[string]Ground
	Ignored      map[string]string // tables and views without personal data → why
	Mentions     Mentions
	Views        []View
	Words        map[string]Text // purposes that people may object to, in words
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
	Region string   // of numbers without a country code, where no tenant knows better
	Zone   string   // of timestamps without a zone
	Shards []string // databases of this schema; their addresses come with the configuration
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
	// UnseenDiscriminator is a value that the map does not list for a column
	// that says what a reference means.
	UnseenDiscriminator Level
}

// Tenant is the table whose rows are the organizations.
type Tenant struct {
	Table  string
	Key    string
	Region string // column with the ISO region of the tenant's numbers, or ""
}

// Mentions says how free text is searched for somebody.
type Mentions struct {
	Terms   []string      // identifier kinds, MentionName and MentionKey
	Names   []Ref         // columns of root tables with the subject's names
	Timeout time.Duration // of one table's search
	Limit   int           // rows told per column
}

// Terms of a search for mentions beside the kinds of identifiers.
const (
	MentionName = "name" // the subject's names
	MentionKey  = "key"  // the keys of the subject's rows, as a product writes them into its texts
)

// View is a materialised view that holds copies of mapped rows.
type View struct {
	Name    string
	Refresh bool     // after a deletion
	Search  []string // columns that are searched for what should be gone
	Line    int
}

// Root is a table whose rows can be the person.
type Root struct {
	Table      string
	Key        string // column that other tables refer to
	Match      []Match
	Candidates []Match // shown to staff, never acted on alone
	Learn      []Match
	Line       int
}

// Match says that a column holds an identifier of a kind: a column of the root,
// or of another table that refers to the root.
type Match struct {
	By       string // normaliser, which is also the identifier's kind: email, phone …
	Table    string // "" for the root's own
	Column   string
	To       string // column of Table that refers to the root's key
	Path     JSONPath
	When     []Condition
	Stored   Stored
	Variants bool // candidates: other writings that some country's numbers have
	Line     int
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

// Condition is what must hold for a row: a discriminator, say.
type Condition struct {
	Column  string
	In      []string // one of the values, in text form
	Null    bool     // NULL (or one of In)
	NotNull bool
	Of      Ref         // a row of this table must have the value in this column …
	When    []Condition // … and must be like this
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
	Store      string // name of another store than the map's first; "" for that
	Title      Text
	Category   string
	Controller Controller
	Key        []string // only if the table has no primary key
	Tenant     *TenantPath
	Paths      []Path
	Rules      map[Role]Rule
	Self       []string // columns that refer to the same table, nulled before a delete
	Detach     []string // columns that refer to other tables' rows, nulled where those go
	Objects    []Object
	Triggers   []string // triggers that were reviewed
	Columns    []Column
	// Discriminators lists all values that a column may have.
	Discriminators []Condition
	Age            string        // column from which shortened retention counts
	Conversation   *Conversation // nil if the rows are not what people wrote to each other
	Provenance     Provenance    // of the columns that do not say their own
	Batch          Batch
	Repairs        []Repair
	Stop           map[string][]Assignment // purpose → what is written to stop it
	Suppress       *Suppress
	Line           int
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
	Form     string // how the key stands in a text: "contact:{}:*"; "" if it is the column
	Find     string // identifier kind, for a path by value
	In       []string
	JSON     JSONPath // where in the columns of In, or in To, the value stands
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
	While   []Condition // rows that stay whatever their age, as long as this holds
	Set     []Assignment
	Shared  *Shared
	Line    int
}

// Shared is what happens to a row instead if a row of somebody else hangs in it.
type Shared struct {
	By  Ref // table and column that refers to the row's key
	Do  Action
	Set []Assignment
}

// Fill says how an anonymised column is filled.
type Fill string

const (
	Null     Fill = "null"
	Constant Fill = "constant"
	Hash     Fill = "hash"   // keyed hash of Source
	Fresh    Fill = "fresh"  // Value with {key} replaced: unique per row
	Scrub    Fill = "scrub"  // every writing of the subject's identifiers and names goes
	Leaves   Fill = "json"   // leaves of a JSON value
	Remove   Fill = "remove" // list elements that are the subject
	// Only where a suppression writes a row:
	Identifier Fill = "identifier" // the proved identifier, written as Stored says
	OfTenant   Fill = "tenant"     // the tenant's key
	Now        Fill = "now"        // the moment
)

// Erased stands where a writing of the subject was scrubbed.
const Erased = "[erased]"

// Assignment fills one column.
type Assignment struct {
	Column    string
	Fill      Fill
	Value     string
	Source    string
	Leaves    []Leaf
	By        string   // Remove: identifier kind of the elements
	Path      JSONPath // Remove: where the list stands in a JSON value
	Separator string   // Remove: between the elements of a list in plain text
	Stored    Stored   // Identifier
}

// Leaf is what is done to one place of a JSON value.
type Leaf struct {
	Path  JSONPath
	Do    LeafAction
	Value string // JSON text, for LeafValue
}

// LeafAction says what becomes of a JSON leaf.
type LeafAction string

const (
	LeafNull  LeafAction = "null"
	LeafDrop  LeafAction = "drop" // the key or the element goes
	LeafScrub LeafAction = "scrub"
	LeafValue LeafAction = "value"
)

// Object says where files of a row are.
type Object struct {
	Key    string            // template: "{column}", "thumbs/{path}/{sizes[].width}.webp", "exports/{id:0:2}/*"
	Name   string            // column with the file's name, or ""
	By     string            // column that says which object store, "" for the default
	Stores map[string]string // its value → name of the store
	When   []Condition
	Many   bool // holds many people's data: flagged, never removed for one
	Line   int
}

// Column gives the template's column if the template is nothing else.
func (o Object) Column() string {
	name, ok := strings.CutPrefix(o.Key, "{")
	if name, end := strings.CutSuffix(name, "}"); ok && end && !strings.ContainsAny(name, "{}[]:.*") {
		return name
	}
	return ""
}

// Batch is how a table's rows are worked on; zero values are the store's.
type Batch struct {
	Size    int
	Pause   time.Duration
	Timeout time.Duration
}

// Repair is a column that is computed from other rows, and must be again when
// some of those are gone.
type Repair struct {
	Column string
	How    Formula
	From   string // the table that is computed over
	Of     string // its column: for sum, max, min, latest
	By     string // its column that orders them: for latest
	On     []Pair // Mine is From's column, Theirs the repaired table's
	When   []Condition
	Line   int
}

// Formula is how a repaired column is computed.
type Formula string

const (
	Count  Formula = "count"
	Exists Formula = "exists"
	Sum    Formula = "sum"
	Max    Formula = "max"
	Min    Formula = "min"
	Latest Formula = "latest"
)

// Suppress says how an opt-out is written, so that it survives everything else:
// a row for each tenant, or an element in a JSON list of the tenant's row.
type Suppress struct {
	By     string       // identifier kind
	Set    []Assignment // the row
	Append string       // the column with the list
	Stored Stored       // how the list writes the identifier
	Line   int
}

// Purposes of stop that are rights of their own, and need no words in the map.
const (
	Restriction = "restriction" // holds rows as they are: Article 18 GDPR
	OptOut      = "opt_out"     // of messages
)

// Objectionable lists the purposes that people may object to.
func (m *Map) Objectionable() []string {
	return slices.DeleteFunc(m.Purposes(), func(p string) bool { return p == Restriction || p == OptOut })
}

// Purposes lists what can be stopped, in any table.
func (m *Map) Purposes() []string {
	var out []string
	for _, t := range m.Tables {
		for purpose := range t.Stop {
			out = append(out, purpose)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
