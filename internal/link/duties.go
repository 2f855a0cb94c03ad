package link

import "net/url"

// MyAttachment is a file of the correspondence, for the person.
func MyAttachment(ref, id string) string { return MyRequest(ref) + "/files/" + url.PathEscape(id) }
