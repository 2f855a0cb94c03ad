package link

// What the queue has beside itself.
const (
	DeskAssign = Desk + "/assign" // what is done with several requests at once
	DeskRecord = Desk + "/record"
	DeskViews  = Desk + "/views"
	DeskExport = Desk + "/export"
	DeskKeys   = Desk + "/keys"
)

// DeskView is a saved view, to change or remove it.
func DeskView(id string) string { return DeskViews + "/" + id }
