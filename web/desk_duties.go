package web

// deskDuties is tasks, recipients, attachments.
var deskDuties = []deskRoute{}
