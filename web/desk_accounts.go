package web

// deskAccounts is people, their factors and sessions.
var deskAccounts = []deskRoute{}
