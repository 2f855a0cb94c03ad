package desk

import "strings"

// Field is one field of a form in which people write.
type Field struct {
	Name  string // one that ends in "-" is a list: a number follows
	Label string // catalogue key
}

// Is says whether a control of that name is the field.
func (f Field) Is(name string) bool {
	if strings.HasSuffix(f.Name, "-") {
		return strings.HasPrefix(name, f.Name)
	}
	return name == f.Name
}

// Written is what somebody wrote into a field.
type Written struct {
	Field
	Text string
}

// Fields are the fields of the desk's forms in which people write, by the last
// part of the form's address. The reference before an approval is not among
// them: it is to be typed anew, with the request in view.
var Fields = map[string][]Field{
	"messages":  {{"body", "desk.lost.body"}},
	"propose":   {{"note", "desk.propose.note"}},
	"decision":  {{"note", "desk.decision.comment"}},
	"reject":    {{"text", "desk.refuse.words"}},
	"inspect":   {{"reason", "desk.inspect.reason"}},
	"edits":     {{"new-", "desk.correct.new"}},
	"keeping":   {{"keep_days", "desk.keeping.days"}},
	"tasks":     {{"task", "duties.task.title"}, {"task_note", "duties.task.note"}},
	"settle":    {{"how-", "duties.settle.how"}, {"reference-", "duties.settle.reference"}, {"why-", "duties.settle.why"}},
	"evidence":  {{"evidence_note", "duties.evidence.note"}},
	"override":  {{"override", "duties.override.reason"}},
	"duplicate": {{"duplicate_reason", "duties.duplicate.reason"}},
	"extend":    {{"extend_reason", "clock.extend.reason"}},
	"ask":       {{"ask_reason", "clock.ask.reason"}, {"ask_words", "clock.lost.ask"}},
	"answered":  {{"answer_reason", "clock.answer.reason"}},
	"law":       {{"law_reason", "clock.reason"}},
	"laws":      {{"laws_reason", "clock.reason"}},
	"hold":      {{"matter", "clock.hold.matter"}, {"hold_reason", "clock.hold.reason"}},
	"unhold":    {{"lift_reason", "clock.hold.lift_reason"}},
	"items":     {{"words-", "desk.refuse.words"}},
	"appeal":    {{"words", "clock.appeal.words"}},
	"reason":    {{"reason", "accounts.reason.words"}},
	"passkeys":  {{"passkey_name", "accounts.passkey.name"}},
	"record": {{"name", "queue.record.name"}, {"email", "queue.record.email"}, {"phone", "queue.record.phone"}, {"business", "queue.record.business"},
		{"organization", "queue.record.organization"}, {"details", "queue.record.details"}, {"original", "queue.record.original"},
		{"wrong-", "queue.record.wrongs"}, {"right-", "queue.record.rights"}, {"keep_days", "queue.record.keep_days"}},
	"views":  {{"name", "queue.saved.name"}},
	"change": {{"name", "queue.saved.name"}},
	"people": {{"name", "desk.people.name"}, {"email", "desk.sign_in.email"}},
}

// rows is how tall an area must be for the text, within reason.
func (w Written) rows() int { return min(max(3, 1+strings.Count(w.Text, "\n")+len(w.Text)/60), 12) }
