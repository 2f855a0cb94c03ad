package law

import "slices"

// The rows. Source says where the time limits were read; a row marked
// Unverified is general knowledge that counsel has to confirm.

var regimes = func() map[string]Regime {
	rows := make(map[string]Regime, 80)
	for _, r := range slices.Concat(europe(), americas(), unitedStates(), elsewhere()) {
		rows[r.Code] = r
	}
	return rows
}()

func days(n int) Period { return Period{n, Days} }

// member is a state in which the GDPR applies.
type member struct{ code, zone, authority, url string }

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
	month := Term{Response: Period{1, Months}, Extension: Period{2, Months}}
	gdpr := Regime{Code: Generous, Name: "law.name.EU", Refs: "GDPR Art. 12(3), (4)", Term: month, Roll: Stays, Zone: "Europe/Brussels",
		Rights: "ACDPROWH", Authority: Authority{"European Data Protection Board: list of members", "https://www.edpb.europa.eu"},
		Source: "GDPRhub, Art. 12; Regulation 1182/71, Art. 3", Mark: Verified,
		Note: "For a place that has no row of its own. Authorities and their addresses are general knowledge."}
	complaint := month
	complaint.Ack, complaint.OwnMeasure = days(30), true
	uk := Regime{Code: "UK", Name: "law.name.UK", Refs: "UK GDPR Art. 12, 12A; DPA 2018 s. 164A", Term: month,
		Kinds: map[string]Term{"complaint": complaint}, Roll: PastWeekends, Zone: "Europe/London", Calendar: "GB", Rights: "ACDPROWH",
		Authority: Authority{"Information Commissioner’s Office", "https://ico.org.uk/make-a-complaint"},
		Source:    "ICO, what to consider when responding; DUAA 2025 ss. 76, 103", Mark: Verified, Note: "12A was read by its twin, DPA 2018 s. 54."}
	swiss := Regime{Code: "CH", Name: "law.name.CH", Refs: "FADP Art. 25(7); DPO Art. 18, 19", Term: Term{Response: days(30), OpenExtension: true},
		Roll: PastWeekends, Zone: "Europe/Zurich", Calendar: "CH", Rights: "ACDPROH",
		Authority: Authority{"FDPIC / EDÖB", "https://www.edoeb.admin.ch"}, Source: "DPO Art. 18, 19; FADP ch. 4", Mark: Verified}
	turkey := Regime{Code: "TR", Name: "law.name.TR", Refs: "KVKK Art. 13, 14", Term: Term{Response: days(30)}, Roll: PastSundays,
		Zone: "Europe/Istanbul", Rights: "ACDO", Authority: Authority{"KVKK", "https://www.kvkk.gov.tr"}, Source: "KVKK Art. 14", Mark: Verified}
	rows := []Regime{gdpr, uk, swiss, turkey}
	for _, m := range members {
		r := gdpr
		r.Code, r.Place, r.Zone, r.Calendar, r.Roll, r.Note = "EU-"+m.code, m.code, m.zone, m.code, PastWeekends, ""
		r.Authority = Authority{m.authority, m.url}
		if m.code == "DE" {
			r.Note = "For most companies the authority of the controller’s own state is competent; name it."
		}
		rows = append(rows, r)
	}
	return rows
}

func americas() []Regime {
	brazil := Term{Response: days(15)}
	brazilOther := brazil
	brazilOther.OwnMeasure = true // "immediately", Art. 18
	return []Regime{
		{Code: "BR", Name: "law.name.BR", Refs: "LGPD Art. 18, 19", Term: brazilOther, Kinds: map[string]Term{"access": brazil}, Roll: PastSundays,
			Zone: "America/Sao_Paulo", Calendar: "BR", Rights: "ACDPROWH", Authority: Authority{"ANPD", "https://www.gov.br/anpd"},
			Source: "LGPD Art. 19", Mark: Verified, Note: "Confirmation in simple form is due at once."},
		{Code: "CA-FED", Name: "law.name.CA-FED", Refs: "PIPEDA s. 8", Term: Term{Response: days(30), Extension: days(30)}, Roll: PastSundays,
			Zone: "America/Toronto", Calendar: "CA", Rights: "ACW",
			Authority: Authority{"Office of the Privacy Commissioner", "https://www.priv.gc.ca"}, Source: "PIPEDA ss. 8, 9, 11, 14", Mark: Verified},
		{Code: "CA-QC", Name: "law.name.CA-QC", Refs: "P-39.1 s. 32", Term: Term{Response: days(30)}, Roll: Stays, Zone: "America/Toronto",
			Calendar: "CA", Rights: "ACDPWH", Authority: Authority{"Commission d’accès à l’information", "https://www.cai.gouv.qc.ca"},
			Source: "general knowledge", Mark: Unverified, Note: "Silence counts as refusal."},
		{Code: "AR", Name: "law.name.AR", Refs: "Law 25.326 Art. 14, 16", Term: Term{Response: Period{5, BusinessDays}},
			Kinds: map[string]Term{"access": {Response: days(10)}, "portability": {Response: days(10)}}, Roll: Stays,
			Zone: "America/Argentina/Buenos_Aires", Calendar: "AR", Rights: "ACDR",
			Authority: Authority{"AAIP", "https://www.argentina.gob.ar/aaip"}, Source: "Law 25.326 Art. 16", Mark: Verified, Note: "Art. 14 is general knowledge."},
	}
}

// unitedStates: 45 days and once 45 more, unless a row says otherwise. No row
// moves a last day, and none stops the clock.
func unitedStates() []Regime {
	state := func(code, zone, refs, rights, authority, url, source string, mark Mark, appeal Term) Regime {
		r := Regime{Code: code, Name: "law.name." + code, Refs: refs, Term: Term{Response: days(45), Extension: days(45)}, Roll: Stays,
			Zone: zone, Calendar: "US", Rights: rights, Authority: Authority{authority, url}, Source: source, Mark: mark}
		if appeal.Response.N > 0 {
			r.Kinds = map[string]Term{"appeal": appeal}
		}
		return r
	}
	within := func(n int) Term { return Term{Response: days(n)} }
	const attorney = "Attorney General"
	const general = "general knowledge"
	eastern, central, mountain, pacific := "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

	california := state("US-CA", pacific, "Civ. Code 1798.130(a)(2); 11 CCR 7021", "ACDPSL", "California Privacy Protection Agency", "https://cppa.ca.gov",
		"11 CCR 7020-7063; Civ. Code 1798.130(a)(2); Gov. Code 6800", Verified, Term{})
	california.Calendar = "US-CA"
	california.Ack, california.FirstDayCounts = Period{10, BusinessDays}, true
	california.Kinds = map[string]Term{"opt_out": {Response: Period{15, BusinessDays}}}
	florida := state("US-FL", eastern, "Fla. Stat. 501.706", "ACDPS", attorney, "https://www.myfloridalegal.com", "Fla. Stat. 501.706", Verified, within(60))
	florida.Extension, florida.Note = days(15), "Only for controllers with a revenue above one billion dollars."
	iowa := state("US-IA", central, "Iowa Code 715D", "ADPS", attorney, "https://www.iowaattorneygeneral.gov", general, Unverified, within(60))
	iowa.Response = days(90)
	other := state("US-XX", pacific, "state law", "ACDPS", attorney, "https://www.naag.org/find-my-ag", general, Unverified, within(60))
	other.Note = "The default row for states without a row of their own."
	longer := Term{Response: days(45), Extension: days(60)}
	return []Regime{
		california, florida, iowa, other,
		state("US-VA", eastern, "Va. Code 59.1-577(B)", "ACDPS", attorney, "https://www.oag.state.va.us", "Va. Code 59.1-577", Verified, within(60)),
		state("US-CO", mountain, "C.R.S. 6-1-1306(2)", "ACDPS", attorney, "https://coag.gov", "C.R.S. 6-1-1306", Verified, longer),
		state("US-CT", eastern, "C.G.S. 42-518(c)", "ACDPSH", attorney, "https://portal.ct.gov/ag", general, Unverified, within(60)),
		state("US-UT", mountain, "Utah Code 13-61-203", "ACDPS", "Division of Consumer Protection", "https://dcp.utah.gov", "Utah Code 13-61-203", Verified, Term{}),
		state("US-TX", central, "Bus. & Com. Code 541.052", "ACDPS", attorney, "https://www.texasattorneygeneral.gov", general, Unverified, within(60)),
		state("US-OR", pacific, "ORS 646A.576", "ACDPS", attorney, "https://www.doj.state.or.us", "ORS 646A.576; Oregon DOJ", Verified, within(45)),
		state("US-MT", mountain, "MCA 30-14-2808", "ACDPS", attorney, "https://dojmt.gov", general, Unverified, within(60)),
		state("US-NJ", eastern, "N.J.S.A. 56:8-166.4 et seq.", "ACDPS", attorney, "https://www.njoag.gov", general, Unverified, within(45)),
		state("US-MN", central, "Minn. Stat. 325M", "ACDPS", attorney, "https://www.ag.state.mn.us", general, Unverified, longer),
	}
}

func elsewhere() []Regime {
	return []Regime{
		{Code: "CN", Name: "law.name.CN", Refs: "PIPL Art. 44-50", Term: Term{Response: Period{15, BusinessDays}, OwnMeasure: true}, Roll: Stays,
			Zone: "Asia/Shanghai", Rights: "ACDPROWH", Authority: Authority{"Cyberspace Administration of China", "https://www.12377.cn"}, Source: "general knowledge", Mark: Unverified,
			Note: "The law says “timely”; 15 working days is the app rule of 2019. Holidays are not taken out."},
		{Code: "IN", Name: "law.name.IN", Refs: "SPDI Rules 2011 r. 5(9); DPDP Act ss. 11-14, Rules 2025 r. 14", Term: Term{Response: Period{1, Months}},
			Roll: Stays, Zone: "Asia/Kolkata", Rights: "ACDWN", Authority: Authority{"Data Protection Board of India", "https://www.dpb.gov.in"}, Source: "general knowledge", Mark: Unverified,
			Note: "From May 2027 the DPDP Act applies: rights as published, grievances within 90 days."},
		{Code: "ZA", Name: "law.name.ZA", Refs: "POPIA ss. 23-25; PAIA ss. 56, 57; POPIA Regulations 2025 r. 3", Term: Term{Response: days(30)},
			Kinds: map[string]Term{"access": {Response: days(30), Extension: days(30)}}, Roll: PastSundays, Zone: "Africa/Johannesburg", Calendar: "ZA", Rights: "ACDOWH",
			Authority: Authority{"Information Regulator", "https://inforegulator.org.za"}, Source: "POPIA Regulations 2025; PAIA s. 57", Mark: Verified},
		{Code: "AU", Name: "law.name.AU", Refs: "APP 12.4, 13.5", Term: Term{Response: days(30), OpenExtension: true, OwnMeasure: true}, Roll: PastWeekends,
			Zone: "Australia/Sydney", Calendar: "AU", Rights: "AC", Authority: Authority{"OAIC", "https://www.oaic.gov.au"}, Source: "OAIC guidelines, APP 12 and 13", Mark: Verified},
		{Code: "NZ", Name: "law.name.NZ", Refs: "Privacy Act 2020 ss. 44, 48, 63, 65", Term: Term{Response: Period{20, BusinessDays}, OpenExtension: true}, Roll: Stays,
			Zone: "Pacific/Auckland", Calendar: "NZ", Rights: "AC", Authority: Authority{"Office of the Privacy Commissioner", "https://www.privacy.org.nz"},
			Source: "Privacy Act 2020 ss. 45, 48, 65; OPC", Mark: Verified, Note: "The definition of a working day was read for the Act of 1993."},
		{Code: "SG", Name: "law.name.SG", Refs: "PDPA ss. 21, 22; PDPR r. 5", Term: Term{Response: days(30), OpenExtension: true}, Roll: PastSundays,
			Zone: "Asia/Singapore", Rights: "ACW", Authority: Authority{"PDPC", "https://www.pdpc.gov.sg"}, Source: "general knowledge", Mark: Unverified},
		{Code: "KR", Name: "law.name.KR", Refs: "PIPA Art. 35-37; Decree Art. 41-44", Term: Term{Response: days(10), OpenExtension: true}, Roll: PastWeekends,
			Zone: "Asia/Seoul", Rights: "ACDPRWH", Authority: Authority{"PIPC", "https://www.privacy.go.kr"}, Source: "PIPA Decree Art. 42, 43", Mark: Verified,
			Note: "Decree 41(4) is general knowledge."},
		{Code: "JP", Name: "law.name.JP", Refs: "APPI Art. 33-35, 39", Term: Term{Response: days(14), OwnMeasure: true}, Roll: Stays, Zone: "Asia/Tokyo", Calendar: "JP",
			Rights: "ACDR", Authority: Authority{"PPC", "https://www.ppc.go.jp"}, Source: "general knowledge", Mark: Unverified,
			Note: "The law says “without delay”; a suit is allowed two weeks after the demand."},
	}
}
