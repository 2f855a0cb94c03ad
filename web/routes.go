package web

import (
	"github.com/labstack/echo/v4"

	"github.com/crowsstack/privacy-portal/internal/link"
	"github.com/crowsstack/privacy-portal/static"
)

// routes is the whole public site on one screen. A GET never changes anything.
func (s *Server) routes(e *echo.Echo) {
	e.GET(static.Prefix+"*", s.asset)

	e.GET(link.Home, s.home)
	e.GET(link.Privacy, s.policy)
	e.GET(link.Privacy+"/:version", s.policy)
	e.GET(link.Subprocessors, s.subprocessors)
	e.GET(link.Complaint, s.complaint)
	e.POST(link.Complaint, s.complain)
	e.GET(link.Accessibility, s.accessibility)
	e.GET(link.Org, s.org)
	e.POST(link.Language, s.prefer)

	e.GET("/request/:step", s.formPage)
	e.POST("/request/:step", s.answer)
	e.GET(link.RequestCheck, s.checkPage)
	e.POST(link.RequestCheck, s.send)
	e.GET(link.RequestSent, s.sentPage)
	e.POST(link.RequestSent, s.resend)

	e.GET("/confirm/:token", s.linkPage)
	e.POST("/confirm/:token", s.openLink)

	e.GET(link.My, s.my)
	e.POST(link.My, s.sendMyLink)
	e.GET(link.MyVerify, s.verifyNumber)
	e.POST(link.SignOut, s.signOut)
	e.GET("/my/:ref", s.myRequest)
	e.POST("/my/:ref/messages", s.writeToStaff)
	e.GET("/my/:ref/files/:file", s.ownFile)
	e.GET("/my/:ref/withdraw", s.withdrawPage)
	e.POST("/my/:ref/withdraw", s.withdraw)
	e.GET("/my/:ref/delete", s.deletePage)
	e.POST("/my/:ref/delete", s.confirmDeletion)
	e.GET("/my/:ref/complaint", s.complaintPage)
	e.POST("/my/:ref/complaint", s.complainAbout)
	e.GET("/my/:ref/data", s.dataPage)
	e.POST("/my/:ref/data", s.openData)
	e.GET("/my/:ref/data/:grant", s.download)
	e.GET("/my/:ref/letters/:id", s.myLetter)

	s.deskRoutes(e)
	s.devRoutes(e)
}
