package stores

// Rows names rows: table → keys as text, the parts of a longer key joined by |.
type Rows map[string][]string

// set makes rows quick to look up.
func (r Rows) set() map[[2]string]bool {
	out := map[[2]string]bool{}
	for table, keys := range r {
		for _, key := range keys {
			out[[2]string{table, key}] = true
		}
	}
	return out
}

// Who is what is known of a person who asks.
type Who struct {
	Email, Phone string            // proved
	Keys         map[string]string // proved, by identifier kind
	Name         string            // typed
	Claimed      map[string]string // typed, by identifier kind
	Tenants      []string          // whose request it is
}

// Probe is a search and who it must bring.
type Probe struct {
	Name       string
	Who        Who
	Match      Rows
	Candidates Rows // shown to staff; never acted on alone
}

// Case is the planted person, and what her rights must come to.
type Case struct {
	Who    Who
	Probes []Probe // the first is the case's own

	// Access.
	Exported map[string]int // rows of each table; a table that is not named has none
	Withheld Rows           // counted and left out: other people's words
	Appear   []string       // canaries that the export must hold
	Review   []string       // canaries that staff look at before release
	Hidden   []string       // canaries that it must not: other people's, and secrets
	Files    []string       // what stands in exported files
	Foreign  []string       // what stands in other people's files

	// Deletion. What is in none of these lists must be the same to the byte.
	Deleted   Rows
	Changed   Rows
	MayChange Rows
	MayAdd    []string // tables that a suppression may write into
	Reported  Rows     // stay as they are, and staff are told that they name the person
	Gone      []string // canaries found nowhere any more
	Still     []string // neighbours' canaries, all there
	Residue   []Residue
	Zero      []Zero
	Removed   []string // objects
	Kept      []string // objects
}

// Residue is an identifier that may be left in some rows only.
type Residue struct {
	Pattern string // PostgreSQL's regular expressions, case ignored
	Allowed Rows
}

// Zero is a count that must be 0 after a deletion: derived copies, counters.
type Zero struct{ Name, SQL string }

// series gives keys that differ in their last part: prefix1, prefix2 …
func series(prefix string, ids ...string) []string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = prefix + id
	}
	return out
}
