// Package link makes every address of the portal, once.
package link

import "net/url"

// Public pages.
const (
	Home          = "/"
	My            = "/my"
	MyVerify      = "/my/verify"
	Privacy       = "/privacy"
	Subprocessors = "/subprocessors"
	Complaint     = "/complaint"
	Accessibility = "/accessibility"
	Language      = "/language"
	Org           = "/org"
	SignOut       = "/sign-out"
)

// The form, a step a page.
const (
	RequestRight   = "/request/right"
	RequestYou     = "/request/you"
	RequestDetails = "/request/details"
	RequestScope   = "/request/scope"
	RequestCheck   = "/request/check"
	RequestSent    = "/request/sent"
)

// Staff pages.
const (
	Desk          = "/desk"
	DeskSignIn    = "/desk/sign-in"
	DeskSecond    = "/desk/sign-in/code"
	DeskEnrol     = "/desk/sign-in/enrol"
	DeskSignOut   = "/desk/sign-out"
	DeskAudit     = "/desk/audit"
	DeskDashboard = "/desk/dashboard"
	DeskSettings  = "/desk/settings"
	DevInbox      = "/dev/inbox"
)

// Confirm is the page behind a mailed link of the person: GET shows, POST acts.
func Confirm(token string) string { return "/confirm/" + url.PathEscape(token) }

// DeskLink is the page behind a mailed link of staff: GET shows, POST acts.
func DeskLink(token string) string { return "/desk/sign-in/" + url.PathEscape(token) }

// MyRequest is the person's own page of a request.
func MyRequest(ref string) string { return "/my/" + url.PathEscape(ref) }

// MyData is the download page of a request.
func MyData(ref string) string { return MyRequest(ref) + "/data" }

// MyFile streams the package; the grant is short-lived and bound to the session.
func MyFile(ref, grant string) string { return MyData(ref) + "/" + url.PathEscape(grant) }

// MyAction is a button on the person's own page: messages, withdraw, delete.
func MyAction(ref, action string) string { return MyRequest(ref) + "/" + action }

// DeskCase is a request's page for staff; DeskTab one of its tabs or actions.
func DeskCase(ref string) string     { return "/desk/" + url.PathEscape(ref) }
func DeskTab(ref, tab string) string { return DeskCase(ref) + "/" + tab }
