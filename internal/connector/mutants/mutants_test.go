// Package mutants holds the mistakes that an engine for other people's data can
// make against the tests of this one.
package mutants

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// mutants are mistakes that an engine for other people's data can make. Each is
// written into a copy of one file; the tests of the engine must notice.
var mutants = []struct{ name, file, old, new string }{
	{"a discriminator is dropped", "sql.go", "	return where + q.when(alias, table, when)\n", "	return where\n"},
	{"a condition on another row is dropped", "sql.go", `= %s%s)", q.table(w.Of.Table), ident(x), ident(x, w.Of.Column), at, q.when(x, w.Of.Table, w.When))`, `= %s)", q.table(w.Of.Table), ident(x), ident(x, w.Of.Column), at)`},
	{"a number is compared as it stands", "roots.go", "		return slices.Contains(normal, n.Normal(text, v.region(h.tenant)))\n", "		return slices.Contains(normal, text)\n"},
	{"what an index brings is believed", "roots.go", "return !v.confirms(q, at, k.By, k.Stored, normal, h) }), nil", "return false && !v.confirms(q, at, k.By, k.Stored, normal, h) }), nil"},
	{"a path goes on through somebody else's row", "follow.go", "			case !slices.Contains(through, role):\n", "			case false:\n"},
	{"hidden rows do not count", "sql.go", "	where := q.narrowed(q.follow(alias, t, p), alias, t.Name, p.When)\n", "	where := q.narrowed(q.follow(alias, t, p), alias, t.Name, p.When)\n	if r := q.c.tables[t.Name]; where != \"false\" && r != nil && r.columns[\"deleted_at\"] != nil {\n		where += \" AND \" + ident(alias, \"deleted_at\") + \" IS NULL\"\n	}\n"},
	{"another tenant's rows are taken along", "sql.go", "	if len(q.r.Who.Tenants) == 0 || where == \"false\" || !q.m.HasTenant(t) {\n", "	if true || where == \"false\" {\n"},
	{"a row is taken in two roles", "sql.go", "	for _, other := range b.before {\n		s.WriteString(", "	for _, other := range b.before[:0] {\n		s.WriteString("},
	{"other people's words are exported", "snapshot.go", "p.As == role && p.Withhold })", "p.As == role && p.Withhold && false })"},
	{"secrets are exported", "snapshot.go", "col.Group != datamap.Secret && col.Group != datamap.Derived", "col.Group != datamap.Derived"},
	{"a shared file is removed", "spare.go", "SET outcome = 'shared' WHERE %s AND %s", "SET outcome = 'shared' WHERE false AND %s AND %s"},
	{"a zombie is not fenced off", "execute.go", "	case epoch != e.epoch:\n", "	case epoch != e.epoch && false:\n"},
	{"a moved row is erased all the same", "batch.go", "	return strings.Join(append(on, either(q.ways(w.table, \"t\", w.role))), \" AND \")\n", "	return on[0]\n"},
}

// noticing are the tests that hold the engine against whole stores.
const noticing = "^(TestEachForeign|TestAnErasureInAForeignStore|TestTheForeignMap|TestThePlanOfAForeign|TestFindKnows|TestASnapshot|TestAZombie|TestARowThatMoved|TestARequestStays|TestAnyWorld|TestAPersonIsFound)"

func TestMutantsOfTheEngineAreCaught(t *testing.T) {
	if os.Getenv("CI") == "" && os.Getenv("MUTANTS") == "" {
		t.Skip("SKIPPED outside CI: each mutant builds and tests the engine anew, which takes minutes. make test RUN=Mutants PKG=./internal/connector/mutants with MUTANTS=1 runs it.")
	}
	engine, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := notice(t); err != nil {
		t.Fatalf("the tests fail without a mutant: %v\n%s", err, out)
	}
	for _, m := range mutants {
		t.Run(m.name, func(t *testing.T) {
			src, err := os.ReadFile(filepath.Join(engine, m.file))
			if err != nil {
				t.Fatal(err)
			}
			if n := strings.Count(string(src), m.old); n != 1 {
				t.Fatalf("%s has the place of this mutant %d times: it has moved, so move the mutant", m.file, n)
			}
			dir := t.TempDir()
			changed, overlay := filepath.Join(dir, m.file), filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(changed, []byte(strings.Replace(string(src), m.old, m.new, 1)), 0o600); err != nil {
				t.Fatal(err)
			}
			list, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(engine, m.file): changed}})
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(overlay, list, 0o600); err != nil {
				t.Fatal(err)
			}
			out, err := notice(t, "-overlay", overlay)
			var failed *exec.ExitError
			switch {
			case err == nil:
				t.Error("nobody noticed")
			case !errors.As(err, &failed) || strings.Contains(string(out), "[build failed]"):
				t.Errorf("the mutant does not live: %v\n%s", err, out)
			default:
				t.Log(regexp.MustCompile(`--- FAIL: \S+`).FindString(string(out)))
			}
		})
	}
}

// notice runs the noticing tests on the engine as it is, or with an overlay.
func notice(t *testing.T, overlay ...string) ([]byte, error) {
	t.Helper()
	args := append([]string{"test", "-vet=off", "-failfast", "-run", noticing}, overlay...)
	return exec.CommandContext(t.Context(), "go", append(args, "./..", "-rapid.checks=20", "-rapid.nofailfile")...).CombinedOutput()
}
