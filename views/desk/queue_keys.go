package desk

// keyMap is every key of the desk, as its list shows it; static/app.js has the
// same ones.
var keyMap = []struct {
	keys []string
	word string
}{
	{[]string{"j", "k"}, "queue.keys.move"},
	{[]string{"Enter"}, "desk.keys.open_long"},
	{[]string{"x"}, "desk.keys.select_long"},
	{[]string{"a"}, "desk.keys.assign_long"},
	{[]string{"f"}, "desk.keys.filters"},
	{[]string{"/"}, "desk.keys.search"},
	{[]string{"1", "–", "8"}, "desk.keys.views"},
	{[]string{"v"}, "queue.keys.view"},
	{[]string{"n"}, "queue.keys.next"},
	{[]string{"g", "q"}, "desk.keys.queue"},
	{[]string{"g", "d"}, "queue.keys.dashboard"},
	{[]string{"g", "a"}, "desk.keys.audit"},
	{[]string{"Esc"}, "queue.keys.leave"},
	{[]string{"?"}, "desk.keys.this"},
}
