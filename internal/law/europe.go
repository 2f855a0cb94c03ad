package law

// member is a state in which the GDPR applies.
type member struct{ code, zone, authority, url string }

// further west in the same state, where it is still the day before
var west = map[string]string{"ES": "Atlantic/Canary", "PT": "Atlantic/Azores"}

var members = []member{
	{"AT", "Europe/Vienna", "Datenschutzbehörde", "https://www.dsb.gv.at"},
	{"BE", "Europe/Brussels", "Autorité de protection des données", "https://www.dataprotectionauthority.be"},
	{"BG", "Europe/Sofia", "Commission for Personal Data Protection", "https://www.cpdp.bg"},
	{"CY", "Asia/Nicosia", "Commissioner for Personal Data Protection", "https://www.dataprotection.gov.cy"},
	{"CZ", "Europe/Prague", "Úřad pro ochranu osobních údajů", "https://uoou.gov.cz"},
	{"DE", "Europe/Berlin", "Die Bundesbeauftragte für den Datenschutz und die Informationsfreiheit", "https://www.bfdi.bund.de"},
	{"DK", "Europe/Copenhagen", "Datatilsynet", "https://www.datatilsynet.dk"},
	{"EE", "Europe/Tallinn", "Andmekaitse Inspektsioon", "https://www.aki.ee"},
	{"ES", "Europe/Madrid", "Agencia Española de Protección de Datos", "https://www.aepd.es"},
	{"FI", "Europe/Helsinki", "Tietosuojavaltuutettu", "https://tietosuoja.fi"},
	{"FR", "Europe/Paris", "Commission nationale de l’informatique et des libertés", "https://www.cnil.fr"},
	{"GR", "Europe/Athens", "Hellenic Data Protection Authority", "https://www.dpa.gr"},
	{"HR", "Europe/Zagreb", "Agencija za zaštitu osobnih podataka", "https://azop.hr"},
	{"HU", "Europe/Budapest", "Nemzeti Adatvédelmi és Információszabadság Hatóság", "https://www.naih.hu"},
	{"IE", "Europe/Dublin", "Data Protection Commission", "https://www.dataprotection.ie"},
	{"IS", "Atlantic/Reykjavik", "Persónuvernd", "https://www.personuvernd.is"},
	{"IT", "Europe/Rome", "Garante per la protezione dei dati personali", "https://www.garanteprivacy.it"},
	{"LI", "Europe/Vaduz", "Datenschutzstelle", "https://www.datenschutzstelle.li"},
	{"LT", "Europe/Vilnius", "Valstybinė duomenų apsaugos inspekcija", "https://vdai.lrv.lt"},
	{"LU", "Europe/Luxembourg", "Commission nationale pour la protection des données", "https://cnpd.public.lu"},
	{"LV", "Europe/Riga", "Datu valsts inspekcija", "https://www.dvi.gov.lv"},
	{"MT", "Europe/Malta", "Information and Data Protection Commissioner", "https://idpc.org.mt"},
	{"NL", "Europe/Amsterdam", "Autoriteit Persoonsgegevens", "https://autoriteitpersoonsgegevens.nl"},
	{"NO", "Europe/Oslo", "Datatilsynet", "https://www.datatilsynet.no"},
	{"PL", "Europe/Warsaw", "Urząd Ochrony Danych Osobowych", "https://uodo.gov.pl"},
	{"PT", "Europe/Lisbon", "Comissão Nacional de Proteção de Dados", "https://www.cnpd.pt"},
	{"RO", "Europe/Bucharest", "ANSPDCP", "https://www.dataprotection.ro"},
	{"SE", "Europe/Stockholm", "Integritetsskyddsmyndigheten", "https://www.imy.se"},
	{"SI", "Europe/Ljubljana", "Informacijski pooblaščenec", "https://www.ip-rs.si"},
	{"SK", "Europe/Bratislava", "Úrad na ochranu osobných údajov", "https://dataprotection.gov.sk"},
}

func europe() []Regime {
	month := Term{Response: months(1), Extension: months(2)}
	gdpr := Regime{
		Code: Generous, Name: "law.name.EU", Refs: "GDPR Art. 12(3), (4)",
		Term: month,
		// The practice of the authorities (EDPB 01/2022), not the text of the law.
		Pauses: Pauses{Identity: Stops, Clarification: Stops},
		Roll:   Stays, Zone: "Europe/Brussels", West: "Europe/Lisbon",
		Rights: "ACDPROWH", NoticeSays: []string{"reasons"},
		Appeal: Appeal{Rule: "eu"}, Fee: Fee{Rule: "unfounded"},
		Authority: Authority{"European Data Protection Board: list of members", "https://www.edpb.europa.eu"},
		InForce:   "2018-05-25", Source: "GDPRhub, Art. 12; Regulation 1182/71, Art. 3; EDPB Guidelines 01/2022", Mark: Partly, Unread: []string{"pause"},
		Notes: []string{"no_row"},
	}
	rows := []Regime{gdpr, unitedKingdom(month), switzerland(), turkey()}
	for _, m := range members {
		r := gdpr
		r.Code, r.Family, r.Place, r.Zone, r.West, r.Calendar, r.Roll = "EU-"+m.code, gdpr.Code, m.code, m.zone, west[m.code], m.code, PastWeekends
		r.Authority, r.Notes = Authority{m.authority, m.url}, []string{"days_28"}
		if m.code == "DE" {
			r.Notes = []string{"germany", "days_28"}
		}
		rows = append(rows, r)
	}
	return rows
}

func unitedKingdom(month Term) Regime {
	month.FirstDayCounts = true // "beginning with": by plain English the month ends a day earlier
	complaint := Term{Response: months(1), Measure: Undelayed, RunsOn: true}
	acknowledged := complaint
	acknowledged.Ack = days(30)
	return Regime{
		Code: "UK", Name: "law.name.UK", Refs: "UK GDPR Art. 12, 12A",
		Term: month, Kinds: map[string]Term{"complaint": complaint},
		Changes: []Change{{From: "2026-06-19", Refs: "UK GDPR Art. 12, 12A; DPA 2018 s. 164A", Kinds: map[string]Term{"complaint": acknowledged}}},
		Pauses:  Pauses{Identity: Restarts, Clarification: StopsBothEnds, Fee: Restarts, ClarifyOnly: "access"},
		Roll:    PastWeekends, Zone: "Europe/London", Calendar: "GB",
		Rights: "ACDPROWH", NoticeSays: []string{"reasons"},
		Appeal: Appeal{Rule: "uk"}, Fee: Fee{Rule: "unfounded"},
		Authority: Authority{"Information Commissioner’s Office", "https://ico.org.uk/make-a-complaint"},
		InForce:   "2018-05-25", Source: "ICO, what to consider when responding; DPA 2018 s. 54; SI 2026/82; DUAA 2025 ss. 76, 103", Mark: Verified,
		Notes: []string{"uk_twin", "uk_search", "uk_blanket", "days_28"},
	}
}

func switzerland() Regime {
	return Regime{
		Code: "CH", Name: "law.name.CH", Refs: "FADP Art. 25(7); DPO Art. 18, 19",
		Term: Term{Response: days(30), OpenExtension: true}, Pauses: Pauses{Fee: Reflects},
		Roll: PastWeekends, Zone: "Europe/Zurich", Calendar: "CH",
		Rights: "ACDPROH", NoticeSays: []string{"date"},
		Appeal: Appeal{Rule: "ch"}, Fee: Fee{Rule: "ch"},
		Authority: Authority{"FDPIC / EDÖB", "https://www.edoeb.admin.ch"},
		InForce:   "2023-09-01", Source: "DPO Art. 18, 19; FADP ch. 4", Mark: Verified,
		Notes: []string{"ch_canton"},
	}
}

func turkey() Regime {
	return Regime{
		Code: "TR", Name: "law.name.TR", Refs: "KVKK Art. 13, 14",
		Term: Term{Response: days(30)}, Roll: PastSundays, Zone: "Europe/Istanbul", Calendar: "TR",
		Rights: "ACDO", Appeal: Appeal{Rule: "tr"}, Fee: Fee{Rule: "tr"},
		Authority: Authority{"KVKK", "https://www.kvkk.gov.tr"},
		InForce:   "2016-10-07", Source: "KVKK Art. 14", Mark: Verified,
	}
}
