package web

// deskRedaction is the review of a package.
var deskRedaction = []deskRoute{}
