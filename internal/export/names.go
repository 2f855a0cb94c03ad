package export

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	maxSegment = 120 // bytes; some systems stop at 255, and people add to names
	maxDepth   = 4
)

// names hands out paths in the ZIP that unpack on every system: relative, no
// two the same in any spelling, no file where a folder has to be.
type names struct {
	files, folders map[string]bool
	next           map[string]int // name → number to try first, for names that come often
}

func newNames() names {
	return names{map[string]bool{}, map[string]bool{}, map[string]int{}}
}

// claim gives the safe and unique form of name below the folder dir.
func (n names) claim(dir, name string) string {
	segments := safeSegments(name)
	at := dir
	for _, s := range segments[:len(segments)-1] {
		at, _ = unique(join(at, s), 2, func(key string) bool { return n.files[key] })
		n.folders[fold(at)] = true
	}
	at = join(at, segments[len(segments)-1])
	key := fold(at)
	at, n.next[key] = unique(at, max(2, n.next[key]), func(key string) bool { return n.files[key] || n.folders[key] })
	n.files[fold(at)] = true
	return at
}

func join(dir, s string) string {
	if dir == "" {
		return s
	}
	return dir + "/" + s
}

// fold makes two names the same that some file system takes for the same.
func fold(s string) string { return norm.NFC.String(strings.ToLower(s)) }

// unique puts a number, n or a higher one, behind the name if it is taken. It
// gives the number to try next as well.
func unique(name string, n int, taken func(key string) bool) (string, int) {
	if !taken(fold(name)) {
		return name, n
	}
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	for ; ; n++ {
		if s := stem + "-" + strconv.Itoa(n) + ext; !taken(fold(s)) {
			return s, n + 1
		}
	}
}

func safeSegments(name string) []string {
	var out []string
	for _, s := range strings.FieldsFunc(norm.NFC.String(name), func(r rune) bool { return r == '/' || r == '\\' }) {
		if s = safeSegment(s); s != "" {
			out = append(out, s)
		}
	}
	if len(out) == 0 {
		return []string{"file"}
	}
	if len(out) > maxDepth {
		out = out[len(out)-maxDepth:]
	}
	return out
}

// safeSegment is s as a name of a file or folder, or "" if nothing is left of it.
func safeSegment(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError, unicode.IsControl(r), unicode.Is(unicode.Cf, r), strings.ContainsRune(`<>:"|?*`, r):
			return '_' // Cf holds the marks that turn the direction of writing
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, s)
	s = strings.Trim(shorten(strings.Trim(s, ". ")), ". ")
	if isReserved(s) {
		return "_" + s
	}
	return s
}

// shorten cuts the middle out of a long name: its extension says what it is.
func shorten(s string) string {
	if len(s) <= maxSegment {
		return s
	}
	ext := path.Ext(s)
	if len(ext) > 16 {
		ext = ""
	}
	stem := s[:maxSegment-len(ext)]
	for !utf8.ValidString(stem) {
		stem = stem[:len(stem)-1]
	}
	return stem + ext
}

// isReserved knows the names that mean a device on Windows, with any extension.
func isReserved(s string) bool {
	stem, _, _ := strings.Cut(strings.ToUpper(s), ".")
	stem = strings.TrimRight(stem, " ")
	switch stem {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	rest, com := strings.CutPrefix(stem, "COM")
	if !com {
		var lpt bool
		if rest, lpt = strings.CutPrefix(stem, "LPT"); !lpt {
			return false
		}
	}
	return utf8.RuneCountInString(rest) == 1 && strings.Contains("0123456789¹²³", rest)
}
