package ui

import "strings"

func (m Letter) class() string {
	switch {
	case m.Note:
		return "note-internal"
	case m.Mine:
		return "mine"
	}
	return ""
}

// paragraphs splits what somebody wrote at its empty lines.
func paragraphs(s string) []string {
	var ps []string
	for p := range strings.SplitSeq(strings.ReplaceAll(s, "\r\n", "\n"), "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			ps = append(ps, p)
		}
	}
	return ps
}
