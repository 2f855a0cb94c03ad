package law

import "cmp"

// usState is what one of the United States has of its own. The rest is shared:
// 45 days and once 45 more, no last day moves, and nothing stops the clock.
type usState struct {
	code, zone, west, refs string
	authority, url         string
	inForce, source        string
	mark                   Mark
	unread                 []string
	rights                 string // if not the usual ones
	response, extension    Period // if not 45 days
	notice                 Period
	says                   []string // the notice of an extension, besides the reasons
	steps                  []Step
	pauses                 Pauses
	changes                []Change
	appeal, appealMore     Period
	free                   int // free answers a year, if not one
	notes                  []string
}

const (
	eastern, central, mountain, pacific = "America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"

	usual = "ACDPS"
)

var someStates = []usState{
	{code: "CO", zone: mountain, refs: "C.R.S. 6-1-1306(2)", url: "https://coag.gov", inForce: "2023-07-01", source: "C.R.S. 6-1-1306", mark: Verified,
		appeal: days(45), appealMore: days(60), notes: []string{"co_records", "co_port"}},
	{code: "CT", zone: eastern, refs: "C.G.S. 42-518(c)", url: "https://portal.ct.gov/ag", inForce: "2023-07-01", mark: Unverified, appeal: days(60),
		rights: "ACDPSH", notes: []string{"recipients", "masks", "ct_2026"}},
	{code: "DE", zone: eastern, refs: "6 Del. C. § 12D-104", url: "https://attorneygeneral.delaware.gov", inForce: "2025-01-01", mark: Unverified, appeal: days(60),
		notes: []string{"recipients"}},
	{code: "FL", zone: eastern, west: central, refs: "Fla. Stat. 501.706", url: "https://www.myfloridalegal.com", inForce: "2024-07-01", source: "Fla. Stat. 501.706", mark: Verified,
		appeal: days(60), extension: days(15), free: 2, steps: []Step{{"completion", days(60)}}, notes: []string{"fl_billion"}},
	{code: "IA", zone: central, refs: "Iowa Code 715D", url: "https://www.iowaattorneygeneral.gov", inForce: "2025-01-01", mark: Unverified, appeal: days(60),
		rights: "ADPS", response: days(90)},
	{code: "IN", zone: "America/Indiana/Indianapolis", west: central, refs: "Ind. Code 24-15-3", url: "https://www.in.gov/attorneygeneral", inForce: "2026-01-01", mark: Unverified, appeal: days(60)},
	{code: "KY", zone: eastern, west: central, refs: "KRS 367.3615", url: "https://www.ag.ky.gov", inForce: "2026-01-01", mark: Unverified, appeal: days(60)},
	{code: "MD", zone: eastern, refs: "Md. Com. Law 14-4705", url: "https://www.marylandattorneygeneral.gov", inForce: "2025-10-01", mark: Unverified, appeal: days(60),
		notes: []string{"recipients"}},
	{code: "MN", zone: central, refs: "Minn. Stat. 325M", url: "https://www.ag.state.mn.us", inForce: "2025-07-31", mark: Unverified, appeal: days(45), appealMore: days(60),
		notes: []string{"recipients", "masks"}},
	{code: "MT", zone: mountain, refs: "MCA 30-14-2808", url: "https://dojmt.gov", inForce: "2024-10-01", mark: Unverified, appeal: days(60), notes: []string{"masks", "mt_2025"}},
	{code: "NE", zone: central, west: mountain, refs: "Neb. Rev. Stat. 87-1107", url: "https://ago.nebraska.gov", inForce: "2025-01-01", mark: Unverified, appeal: days(60)},
	{code: "NH", zone: eastern, refs: "RSA 507-H:4", url: "https://www.doj.nh.gov", inForce: "2025-01-01", mark: Unverified, appeal: days(60)},
	{code: "NJ", zone: eastern, refs: "N.J.S.A. 56:8-166.4 et seq.", url: "https://www.njoag.gov", inForce: "2025-01-15", mark: Unverified, appeal: days(45)},
	{code: "OR", zone: pacific, refs: "ORS 646A.576", url: "https://www.doj.state.or.us", inForce: "2024-07-01", source: "ORS 646A.576; Oregon DOJ", mark: Partly,
		unread: []string{"extension"}, pauses: Pauses{Identity: Stops}, appeal: days(45), notes: []string{"recipients", "or_identity"}},
	{code: "RI", zone: eastern, refs: "R.I. Gen. Laws 6-48.1", url: "https://riag.ri.gov", inForce: "2026-01-01", mark: Unverified, appeal: days(60)},
	{code: "TN", zone: central, refs: "Tenn. Code 47-18-3304", url: "https://www.tn.gov/attorneygeneral", inForce: "2025-07-01", mark: Unverified, appeal: days(60)},
	{code: "TX", zone: central, west: mountain, refs: "Bus. & Com. Code 541.052", url: "https://www.texasattorneygeneral.gov", inForce: "2024-07-01", mark: Unverified, appeal: days(60), free: 2},
	{code: "UT", zone: mountain, refs: "Utah Code 13-61-203", authority: "Division of Consumer Protection", url: "https://dcp.utah.gov", inForce: "2023-12-31",
		source: "Utah Code 13-61-203", mark: Verified, rights: "ADPS", notice: days(44), says: []string{"date"}, // "before day 45"
		changes: []Change{{From: "2026-07-01", Rights: usual}}, notes: []string{"ut_fraud", "ut_correct"}},
	{code: "VA", zone: eastern, refs: "Va. Code 59.1-577(B)", url: "https://www.oag.state.va.us", inForce: "2023-01-01", source: "Va. Code 59.1-577", mark: Verified, appeal: days(60), free: 2},
	{code: "XX", zone: pacific, refs: "–", url: "https://www.naag.org/find-my-ag", mark: Unverified, appeal: days(60), notes: []string{"us_default"}},
}

func unitedStates() []Regime {
	rows := []Regime{california()}
	for _, s := range someStates {
		rows = append(rows, s.regime())
	}
	return rows
}

func (s usState) regime() Regime {
	r := Regime{
		Code: "US-" + s.code, Name: "law.name.US-" + s.code, Family: "US", Refs: s.refs,
		Term:    Term{Response: cmp.Or(s.response, days(45)), Extension: cmp.Or(s.extension, days(45)), Notice: s.notice, Steps: s.steps},
		Changes: s.changes, Pauses: s.pauses, Roll: Stays, Zone: s.zone, West: s.west, Calendar: "US",
		Rights: cmp.Or(s.rights, usual), NoticeSays: append([]string{"reasons"}, s.says...),
		Appeal: Appeal{Rule: "us", Period: s.appeal, Extension: s.appealMore}, Fee: Fee{Rule: "us", Free: cmp.Or(s.free, 1)},
		Authority: Authority{cmp.Or(s.authority, "Attorney General"), s.url}, InForce: s.inForce, Source: s.source, Mark: s.mark, Unread: s.unread,
		Notes: append([]string{"us_work"}, s.notes...),
	}
	if s.appeal.N == 0 {
		r.Appeal.Rule = "none"
	}
	return r
}

// california's answer is due 45 days from receipt whether or not the person
// could be verified (11 CCR 7021). One rule says that the count begins on the
// day of receipt, and no rule says what a business day is.
func california() Regime {
	request := Term{Response: days(45), Extension: days(45), Ack: workingDays(10), FirstDayCounts: true}
	unacknowledged := request
	unacknowledged.Ack = Period{}
	return Regime{
		Code: "US-CA", Name: "law.name.US-CA", Refs: "Civ. Code 1798.130(a)(2); 11 CCR 7021",
		Term:  request,
		Kinds: map[string]Term{"opt_out": {Response: workingDays(15), RunsOn: true}, "restriction": unacknowledged, "objection": unacknowledged},
		Roll:  Stays, Zone: pacific, Calendar: "US-CA", StrictCalendar: "US",
		Rights: "ACDPSL", NoticeSays: []string{"reasons"},
		Appeal: Appeal{Rule: "us_ca"}, Fee: Fee{Rule: "us_ca", Free: 2},
		Authority: Authority{"California Privacy Protection Agency", "https://cppa.ca.gov"},
		Also:      []Authority{{"Attorney General", "https://oag.ca.gov"}},
		InForce:   "2020-01-01", Source: "11 CCR 7020-7063; Civ. Code 1798.130(a)(2); Gov. Code 6800", Mark: Partly, Unread: []string{"opt_out"},
		Notes: []string{"ca_ack", "ca_verify", "ca_opt_out", "ca_range", "ca_admt", "ca_retaliation", "ca_work"},
	}
}
