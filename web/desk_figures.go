package web

// deskFigures is the dashboard.
var deskFigures = []deskRoute{}
