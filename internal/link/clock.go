package link

// DeskClock is the page of a case's dates.
func DeskClock(ref string) string { return DeskTab(ref, "clock") }

// MyComplaint is where somebody complains about a request, or appeals against
// what was decided about it.
func MyComplaint(ref string) string { return MyAction(ref, "complaint") }
