package pgdev

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// ErrNoBinaries says that there is no PostgreSQL to run.
var ErrNoBinaries = errors.New("no PostgreSQL was found. Ways out: install it (Debian and Ubuntu: apt-get install postgresql), " +
	"name the directory of its binaries in PG_BIN, or give the address of a running server")

// FindBin gives the directory of the PostgreSQL binaries that a new cluster
// would be run with.
func FindBin(bundled string) (string, error) {
	who, err := unprivileged()
	if err != nil {
		return "", err
	}
	return chooseBin("", bundled, who)
}

// chooseBin takes the best binaries for what is in dir: an existing cluster
// belongs to one major version, and is never touched by another.
func chooseBin(dir, bundled string, who *syscall.Credential) (string, error) {
	all := candidates(bundled, who)
	if given := os.Getenv("PG_BIN"); given != "" && len(all) == 0 {
		return "", fmt.Errorf("PG_BIN is %s, but there are no postgres and initdb in it that the server's user may run", given)
	}
	if len(all) == 0 {
		return "", ErrNoBinaries
	}
	made, err := os.ReadFile(filepath.Join(dir, "data", "PG_VERSION"))
	if dir == "" || errors.Is(err, os.ErrNotExist) {
		return all[0], nil
	}
	if err != nil {
		return "", fmt.Errorf("read the version of the cluster: %w", err)
	}
	want := strings.TrimSpace(string(made))
	var have []string
	for _, bin := range all {
		v := major(bin)
		if v == want {
			return bin, nil
		}
		have = append(have, v+" in "+bin)
	}
	return "", fmt.Errorf("the database in %s was made by PostgreSQL %s, but only other versions are here (%s). Nothing was touched. "+
		"Ways out: install PostgreSQL %s, name its binaries in PG_BIN, or move the directory away to begin with an empty database",
		dir, want, strings.Join(have, ", "), want)
}

// candidates lists usable directories, best first. PG_BIN, when set, is final.
func candidates(bundled string, who *syscall.Credential) []string {
	usable := func(bin string) bool {
		for _, name := range []string{"postgres", "initdb"} {
			if info, err := os.Stat(filepath.Join(bin, name)); err != nil || info.Mode()&0o111 == 0 {
				return false
			}
		}
		return reachable(bin, who)
	}
	if bin := os.Getenv("PG_BIN"); bin != "" {
		if usable(bin) {
			return []string{bin}
		}
		return nil
	}
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin") // the pattern is well formed
	slices.SortFunc(installed, func(a, b string) int { return version(b) - version(a) })
	if path, err := exec.LookPath("postgres"); err == nil {
		if real, err := filepath.EvalSymlinks(path); err == nil {
			path = real
		}
		installed = append(installed, filepath.Dir(path))
	}
	if bundled != "" {
		if place, err := bundlePlace(bundled); err == nil {
			installed = append(installed, filepath.Join(place, "bin"))
		}
	}
	return slices.DeleteFunc(slices.Compact(installed), func(bin string) bool { return !usable(bin) })
}

// version reads the number in Debian's path /usr/lib/postgresql/15/bin.
func version(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

// major asks the binary itself: "postgres (PostgreSQL) 15.18 (Debian …)" → "15".
func major(bin string) string {
	out, err := exec.Command(filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		return "unknown"
	}
	_, rest, _ := strings.Cut(string(out), "(PostgreSQL) ")
	end := strings.IndexFunc(rest, func(r rune) bool { return r < '0' || r > '9' })
	return rest[:max(end, 0)]
}
