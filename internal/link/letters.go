package link

// DeskWording is where the words of letters are changed.
const DeskWording = DeskSettings + "/wording"

// MyLetter is a letter on the person's own pages; form is "" to read it, "pdf"
// or "txt" to take it.
func MyLetter(ref, id, form string) string { return MyRequest(ref) + "/letters/" + id + ending(form) }

// DeskLetter is a letter of a case for staff; form as for MyLetter, and "html"
// for the letter alone.
func DeskLetter(ref, id, form string) string { return DeskTab(ref, "letters/"+id) + ending(form) }

// DeskLetterNext is the letter that the case is about to get, for a frame.
func DeskLetterNext(ref string) string { return DeskTab(ref, "letters/next") }

// DeskLetterTry shows the letter that the form of an action would write.
func DeskLetterTry(ref, act string) string { return DeskTab(ref, "letters/preview?act="+act) }

func ending(form string) string {
	if form == "" {
		return ""
	}
	return "." + form
}
