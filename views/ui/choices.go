package ui

import "strings"

func (g ChoiceGroup) class() string {
	if g.Plain {
		return "choices plain"
	}
	return "choices"
}

func (g ChoiceGroup) described() string {
	var by []string
	if g.Hint != "" {
		by = append(by, g.Name+"-h")
	}
	if g.Err != "" {
		by = append(by, g.Name+"-e")
	}
	return strings.Join(by, " ")
}

func (g ChoiceGroup) id(c Choice, first bool) string {
	if first {
		return g.Name
	}
	return g.Name + "-" + c.Value
}
