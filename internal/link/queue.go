package link

// What the queue has beside itself.
const (
	DeskAssign     = Desk + "/assign" // what is done with several requests at once
	DeskRecord     = Desk + "/record"
	DeskViews      = Desk + "/views"
	DeskViewChange = DeskViews + "/change"
	DeskExport     = Desk + "/export"
	DeskKeys       = Desk + "/keys"
)
