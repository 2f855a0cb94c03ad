package law

func americas() []Regime { return []Regime{brazil(), canada(), quebec(), argentina()} }

func brazil() Regime {
	full := Term{Response: days(15), AtOnce: true}
	return Regime{
		Code: "BR", Name: "law.name.BR", Refs: "LGPD Art. 18, 19",
		Term:  Term{Response: days(15), Measure: Undelayed}, // "immediately", Art. 18
		Kinds: map[string]Term{"access": full}, Roll: PastSundays,
		Zone: "America/Sao_Paulo", West: "America/Rio_Branco", Calendar: "BR",
		Rights: "ACDPROWH", Appeal: Appeal{Rule: "br"}, Fee: Fee{Rule: "free"},
		Authority: Authority{"ANPD", "https://www.gov.br/anpd"},
		InForce:   "2020-09-18", Source: "LGPD Art. 19", Mark: Verified,
		Notes: []string{"br_small", "br_other"},
	}
}

func canada() Regime {
	return Regime{
		Code: "CA-FED", Name: "law.name.CA-FED", Refs: "PIPEDA s. 8",
		Term: Term{Response: days(30), Extension: days(30)}, Roll: PastSundays,
		Zone: "America/Toronto", West: "America/Vancouver", Calendar: "CA",
		Rights: "ACW", NoticeSays: []string{"date", "reasons", "complaint"},
		Appeal: Appeal{Rule: "ca_fed"}, Fee: Fee{Rule: "ca_fed"},
		Authority: Authority{"Office of the Privacy Commissioner", "https://www.priv.gc.ca"},
		InForce:   "2001-01-01", Source: "PIPEDA ss. 8, 9, 11, 14", Mark: Verified,
		Notes: []string{"silence", "ca_format", "ca_keep"},
	}
}

func quebec() Regime {
	return Regime{
		Code: "CA-QC", Name: "law.name.CA-QC", Refs: "P-39.1 s. 32",
		Term: Term{Response: days(30)}, Roll: Stays, Zone: "America/Toronto", Calendar: "CA",
		Rights: "ACDPWH", Appeal: Appeal{Rule: "ca_qc"}, Fee: Fee{Rule: "ca_qc"},
		Authority: Authority{"Commission d’accès à l’information", "https://www.cai.gouv.qc.ca"},
		InForce:   "2023-09-22", Mark: Unverified,
		Notes: []string{"silence", "qc_longer", "qc_written"},
	}
}

func argentina() Regime {
	access := Term{Response: days(10)}
	return Regime{
		Code: "AR", Name: "law.name.AR", Refs: "Law 25.326 Art. 14, 16",
		Term:  Term{Response: workingDays(5)},
		Kinds: map[string]Term{"access": access, "portability": access}, Roll: Stays,
		Zone: "America/Argentina/Buenos_Aires", Calendar: "AR",
		Rights: "ACDR", Appeal: Appeal{Rule: "ar"}, Fee: Fee{Rule: "ar"},
		Authority: Authority{"AAIP", "https://www.argentina.gob.ar/aaip"},
		InForce:   "2000-11-02", Source: "Law 25.326 Art. 16", Mark: Partly, Unread: []string{"access"},
		Notes: []string{"ar_block"},
	}
}
