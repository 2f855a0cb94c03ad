package link

// Signing in with more than a code.
const (
	DeskPasskey      = "/desk/sign-in/passkey"
	DeskEnrolPasskey = "/desk/sign-in/enrol/passkey"
	DeskSSO          = "/desk/sign-in/sso"
	DeskSSOBack      = "/desk/sign-in/sso/back"
)

// A member's own account, and everybody's.
const (
	DeskPeople  = "/desk/settings/people"
	DeskAccount = "/desk/settings/account"
)

// PasskeyOptions is where the script asks what to ask the browser, for the form
// at path.
func PasskeyOptions(path string) string { return path + "/options" }

// DeskPerson is what is done to one member.
func DeskPerson(id string) string { return DeskPeople + "/" + id }

// DeskReason is where it is told why the content of a case is read.
func DeskReason(ref string) string { return DeskTab(ref, "reason") }
