package ui

import (
	"github.com/a-h/templ"

	"github.com/crowsstack/privacy-portal/views/icon"
)

func noteClass(kind string) string {
	if kind == "" {
		return "note"
	}
	return "note " + kind
}

func noteIcon(kind string) templ.Component {
	switch kind {
	case "ok":
		return icon.CircleCheck
	case "warn":
		return icon.Warning
	case "danger":
		return icon.Stop
	case "plain":
		return icon.Clock
	case "violet":
		return icon.Bell
	}
	return icon.Info
}

func badgeClass(kind string) string {
	if kind == "" {
		return "badge"
	}
	return "badge " + kind
}

// soon is when a clock begins to speak.
const soon = 7

// Class is how the clock looks, for a page that draws many.
func (c Clock) Class() string { return c.class() }

func (c Clock) class() string {
	switch {
	case c.Still:
		return "sla paused"
	case c.Left < 0:
		return "sla over"
	case c.Left <= soon:
		return "sla soon"
	}
	return "sla"
}
