package web

import "github.com/labstack/echo/v4"

func isDesk(string) bool                               { return false }
func (s *Server) home(c echo.Context) error            { return echo.ErrNotFound }
func (s *Server) policy(c echo.Context) error          { return echo.ErrNotFound }
func (s *Server) subprocessors(c echo.Context) error   { return echo.ErrNotFound }
func (s *Server) complaint(c echo.Context) error       { return echo.ErrNotFound }
func (s *Server) accessibility(c echo.Context) error   { return echo.ErrNotFound }
func (s *Server) org(c echo.Context) error             { return echo.ErrNotFound }
func (s *Server) formPage(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) answer(c echo.Context) error          { return echo.ErrNotFound }
func (s *Server) checkPage(c echo.Context) error       { return echo.ErrNotFound }
func (s *Server) send(c echo.Context) error            { return echo.ErrNotFound }
func (s *Server) sentPage(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) resend(c echo.Context) error          { return echo.ErrNotFound }
func (s *Server) linkPage(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) openLink(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) my(c echo.Context) error              { return echo.ErrNotFound }
func (s *Server) sendMyLink(c echo.Context) error      { return echo.ErrNotFound }
func (s *Server) verifyNumber(c echo.Context) error    { return echo.ErrNotFound }
func (s *Server) myRequest(c echo.Context) error       { return echo.ErrNotFound }
func (s *Server) writeToStaff(c echo.Context) error    { return echo.ErrNotFound }
func (s *Server) withdrawPage(c echo.Context) error    { return echo.ErrNotFound }
func (s *Server) withdraw(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) deletePage(c echo.Context) error      { return echo.ErrNotFound }
func (s *Server) confirmDeletion(c echo.Context) error { return echo.ErrNotFound }
func (s *Server) dataPage(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) openData(c echo.Context) error        { return echo.ErrNotFound }
func (s *Server) download(c echo.Context) error        { return echo.ErrNotFound }
