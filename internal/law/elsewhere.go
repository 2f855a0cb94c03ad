package law

func elsewhere() []Regime {
	return []Regime{china(), india(), southAfrica(), australia(), newZealand(), singapore(), korea(), japan()}
}

func china() Regime {
	return Regime{
		Code: "CN", Name: "law.name.CN", Refs: "PIPL Art. 44-50",
		Term: Term{Response: workingDays(15), Measure: Undelayed}, Roll: Stays, Zone: "Asia/Shanghai",
		Rights: "ACDPROWH", Appeal: Appeal{Rule: "cn"}, Fee: Fee{Rule: "cn"},
		Authority: Authority{"Cyberspace Administration of China", "https://www.12377.cn"},
		InForce:   "2021-11-01", Mark: Unverified,
		Notes: []string{"cn_number", "cn_holidays", "cn_port"},
	}
}

// india: the Act of 2023 bites eighteen months after its rules were notified in
// November 2025; readings differ by a day.
func india() Regime {
	return Regime{
		Code: "IN", Name: "law.name.IN", Refs: "SPDI Rules 2011 r. 5(9)",
		Term: Term{Response: months(1)}, Kinds: map[string]Term{"complaint": {Response: months(1), RunsOn: true}},
		Changes: []Change{{From: "2027-05-14", Strict: "2027-05-13", Refs: "DPDP Act ss. 11-14; DPDP Rules 2025 r. 14",
			Term:  &Term{Response: months(1), Measure: Ours}, // "as published" by whoever answers
			Kinds: map[string]Term{"complaint": {Response: days(90), RunsOn: true}}}},
		Roll: Stays, Zone: "Asia/Kolkata", Calendar: "IN",
		Rights: "ACDWN", Appeal: Appeal{Rule: "in"}, Fee: Fee{Rule: "free"},
		Authority: Authority{"Data Protection Board of India", "https://www.dpb.gov.in"},
		InForce:   "2011-04-11", Source: "DPDP Rules 2025, commentaries", Mark: Unverified,
		Notes: []string{"in_2027"},
	}
}

func southAfrica() Regime {
	return Regime{
		Code: "ZA", Name: "law.name.ZA", Refs: "POPIA ss. 23-25; PAIA ss. 56, 57; POPIA Regulations 2025 r. 3",
		Term:  Term{Response: days(30)},
		Kinds: map[string]Term{"access": {Response: days(30), Extension: days(30)}}, Roll: PastSundays,
		Zone: "Africa/Johannesburg", Calendar: "ZA",
		Rights: "ACDOWH", NoticeSays: []string{"date", "reasons", "remedy"},
		Appeal: Appeal{Rule: "za"}, Fee: Fee{Rule: "za"},
		Authority: Authority{"Information Regulator", "https://inforegulator.org.za"},
		InForce:   "2021-07-01", Source: "POPIA Regulations 2025; PAIA s. 57", Mark: Verified,
		Notes: []string{"za_objection"},
	}
}

func australia() Regime {
	return Regime{
		Code: "AU", Name: "law.name.AU", Refs: "APP 12.4, 13.5",
		Term: Term{Response: days(30), OpenExtension: true, Measure: Undelayed}, Roll: PastWeekends,
		Zone: "Australia/Sydney", West: "Australia/Perth", Calendar: "AU",
		Rights: "AC", NoticeSays: []string{"date", "reasons"},
		Appeal: Appeal{Rule: "au"}, Fee: Fee{Rule: "au"},
		Authority: Authority{"OAIC", "https://www.oaic.gov.au"},
		InForce:   "2014-03-12", Source: "OAIC guidelines, APP 12 and 13", Mark: Verified,
		Notes: []string{"au_statement"},
	}
}

func newZealand() Regime {
	return Regime{
		Code: "NZ", Name: "law.name.NZ", Refs: "Privacy Act 2020 ss. 43, 44, 48, 63, 65",
		Term: Term{Response: workingDays(20), OpenExtension: true, Steps: []Step{{"transfer", workingDays(10)}}}, Roll: Stays,
		Zone: "Pacific/Auckland", Calendar: "NZ",
		Rights: "AC", NoticeSays: []string{"date", "reasons", "complaint"},
		Appeal: Appeal{Rule: "nz"}, Fee: Fee{Rule: "nz"},
		Authority: Authority{"Office of the Privacy Commissioner", "https://www.privacy.org.nz"},
		InForce:   "2020-12-01", Source: "Privacy Act 2020 ss. 45, 48, 65; OPC", Mark: Partly, Unread: []string{"working_day"},
		Notes: []string{"nz_decision", "nz_extension", "nz_regional"},
	}
}

func singapore() Regime {
	return Regime{
		Code: "SG", Name: "law.name.SG", Refs: "PDPA ss. 21, 22; PDPR r. 5",
		Term: Term{Response: days(30), OpenExtension: true, Measure: Undelayed}, Roll: PastSundays, Zone: "Asia/Singapore", Calendar: "SG",
		Rights: "ACW", NoticeSays: []string{"date"},
		Appeal: Appeal{Rule: "sg"}, Fee: Fee{Rule: "sg"},
		Authority: Authority{"PDPC", "https://www.pdpc.gov.sg"},
		InForce:   "2014-07-02", Source: "PDPR 2021 rr. 3, 4, 8", Mark: Unverified,
		Notes: []string{"sg_use", "sg_keep", "sg_port"},
	}
}

func korea() Regime {
	return Regime{
		Code: "KR", Name: "law.name.KR", Refs: "PIPA Art. 35-37; Decree Art. 41-44",
		Term: Term{Response: days(10), OpenExtension: true}, Roll: PastWeekends, Zone: "Asia/Seoul", Calendar: "KR",
		Rights: "ACDPRWH", NoticeSays: []string{"reasons", "appeal"},
		Appeal: Appeal{Rule: "kr"}, Fee: Fee{Rule: "kr"},
		Authority: Authority{"PIPC", "https://www.privacy.go.kr"},
		InForce:   "2011-09-30", Source: "PIPA Art. 36, 38; Decree Art. 41-43", Mark: Partly, Unread: []string{"access"},
		Notes: []string{"kr_cause", "kr_port"},
	}
}

func japan() Regime {
	return Regime{
		Code: "JP", Name: "law.name.JP", Refs: "APPI Art. 33-35, 39",
		Term: Term{Response: days(14), Measure: Undelayed}, Roll: Stays, Zone: "Asia/Tokyo", Calendar: "JP",
		Rights: "ACDR", Appeal: Appeal{Rule: "jp"}, Fee: Fee{Rule: "jp"},
		Authority: Authority{"PPC", "https://www.ppc.go.jp"},
		InForce:   "2022-04-01", Mark: Unverified,
		Notes: []string{"jp_number", "jp_reasons"},
	}
}
