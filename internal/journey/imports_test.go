// Package journey holds only tests: whole lives in a browser through the real
// programs, and the shape of the tree.
package journey

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/crowsstack/privacy-portal/"

// level is the architecture: a package may import only packages of a lower
// level.
var level = map[string]int{
	"internal/fault": 0, "internal/chart": 0, "internal/lang": 0, "internal/link": 0, "internal/seal": 0, "internal/datamap": 0, "internal/bucket": 0, "internal/malware": 0, "internal/redact": 0, "migrations": 0, "static": 0,
	"internal/law": 1, "internal/pg": 1, "internal/pg/pgdev": 0, "internal/config": 1, "internal/connector/stores": 1, "internal/connector/mutants": 1,
	"internal/audit": 2, "internal/connector": 2, "internal/export": 2, "internal/inbox": 2, "internal/auth": 2, "internal/demo": 2, "internal/letter": 2,
	"internal/mail": 3, "internal/staff": 4, "internal/privacy": 5, "internal/jobs": 6,
	"views/icon": 6, "views/ui": 7, "views/portal": 8, "views/org": 8, "views/desk": 8, "views/dev": 8, "web": 9,
	"cmd/internal/process": 10, "cmd/portal": 11, "cmd/worker": 11, "cmd/portalctl": 11, "cmd/devstack": 11, "cmd/bench": 11,
}

// denied lists what a lower level would allow and the design does not.
var denied = map[string][]string{
	"views/":           {"github.com/jackc/pgx", "github.com/labstack/echo", module + "internal/pg", module + "internal/auth", module + "internal/connector"},
	"web":              {"github.com/jackc/pgx", module + "internal/pg", module + "internal/connector", module + "internal/mail", module + "internal/jobs"},
	"internal/privacy": {module + "internal/connector", module + "internal/config"},
	"internal/":        {"github.com/labstack/echo", "github.com/a-h/templ", module + "internal/config"},
	"cmd/portal":       {module + "internal/demo"},
	"cmd/worker":       {module + "internal/demo", module + "web"},
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func packages(t *testing.T) []goPackage {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []goPackage
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p goPackage
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	return all
}

// harness says whether a package only serves tests, or is one owner's
// generated queries (whose privacy the compiler guards).
func harness(path string) bool {
	return strings.Contains(path, "/internal/queries") || strings.HasSuffix(path, "test") || strings.Contains(path, "/pgtest/") || path == "internal/journey"
}

func TestImportsPointDown(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if harness(from) {
			continue
		}
		at, ok := level[from]
		if !ok {
			t.Errorf("%s has no level: decide where it belongs", from)
		}
		for _, i := range p.Imports {
			for prefix, list := range denied {
				if strings.HasPrefix(from, prefix) && slices.ContainsFunc(list, func(d string) bool { return strings.HasPrefix(i, d) }) {
					t.Errorf("%s imports %s", from, i)
				}
			}
			to, ours := strings.CutPrefix(i, module)
			if !ours || harness(to) {
				continue
			}
			if level[to] >= at {
				t.Errorf("%s (level %d) imports %s (level %d)", from, at, to, level[to])
			}
		}
	}
}

func TestImportsKeepThePortalAwayFromTheMessagingStore(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", module+"cmd/portal").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"internal/connector", "internal/demo", "internal/jobs"} {
		if slices.Contains(strings.Fields(string(out)), module+never) {
			t.Errorf("cmd/portal links %s", never)
		}
	}
}
