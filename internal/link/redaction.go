package link

import "strconv"

// DeskRedaction is the review of a package; its people and its files have pages
// of their own below it, and so has every conversation, by its number from 1.
func DeskRedaction(ref string) string { return DeskTab(ref, "redaction") }

// DeskRedactionPart is a page or a button below the review.
func DeskRedactionPart(ref, part string) string { return DeskRedaction(ref) + "/" + part }

// DeskTalk is a page of a conversation: as staff see it, or as it is delivered.
func DeskTalk(ref string, talk, page int, delivered bool) string {
	at, join := DeskRedactionPart(ref, strconv.Itoa(talk)), "?"
	if page > 1 {
		at, join = at+"?page="+strconv.Itoa(page), "&"
	}
	if delivered {
		at += join + "view=delivered"
	}
	return at
}
