package link

import "net/url"

// DeskLaws lists the laws; DeskLaw is the page of one.
const DeskLaws = DeskSettings + "/deadlines"

func DeskLaw(code string) string { return DeskLaws + "/" + url.PathEscape(code) }
