package web

// Whoever shows what people wrote asks first why. A page or form that needs
// content.read begins, after caseOf, with
//
//	if ok, err := s.contentReason(c, v, cs); !ok {
//		return err
//	}
//
//	func (s *Server) contentReason(c echo.Context, v *visit, cs privacy.Case) (ok bool, err error)
//
// ok says that this member gave a reason for this case in this session within
// the last 30 minutes (audited as "content.granted"). If not, it has answered
// already: with the page that asks for the reason and then comes back to the
// address that was wanted. A form with a field "reason" of its own gives it on
// the way.

// deskAccounts is people, their factors and sessions.
var deskAccounts = []deskRoute{}
