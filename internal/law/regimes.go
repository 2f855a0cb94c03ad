package law

var oneMonth = Term{Response: Period{1, Months}, Extension: Period{2, Months}}

var regimes = map[string]Regime{
	Generous: {Code: "EU", Name: "law.name.EU", Refs: "GDPR Art. 12(3)-(4)", Term: oneMonth, Roll: Stays, Zone: "Europe/Brussels", Rights: "ACDPROWH", Mark: Verified},
	"EU-DE":  {Code: "EU-DE", Name: "law.name.EU", Place: "DE", Refs: "GDPR Art. 12(3)-(4)", Term: oneMonth, Roll: PastWeekends, Zone: "Europe/Berlin", Calendar: "DE", Rights: "ACDPROWH", Mark: Verified},
	"UK":     {Code: "UK", Name: "law.name.UK", Refs: "UK GDPR Art. 12, 12A", Term: oneMonth, Roll: PastWeekends, Zone: "Europe/London", Calendar: "GB", Rights: "ACDPROWH", Mark: Verified},
	"US-CA": {Code: "US-CA", Name: "law.name.US-CA", Refs: "Civ. Code 1798.130(a)(2)",
		Term: Term{Response: Period{45, Days}, Extension: Period{45, Days}, Ack: Period{10, BusinessDays}, FirstDayCounts: true},
		Roll: Stays, Zone: "America/Los_Angeles", Calendar: "US-CA", Rights: "ACDPSL", Mark: Verified},
}
