package web

// deskLetters is letters and their wording.
var deskLetters = []deskRoute{}
