package web

// deskClock is the dates of a case: pauses, holds, extension, refusal, complaint.
var deskClock = []deskRoute{}
