package privacy

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/crowsstack/privacy-portal/internal/audit"
	"github.com/crowsstack/privacy-portal/internal/datamap"
	"github.com/crowsstack/privacy-portal/internal/export"
	"github.com/crowsstack/privacy-portal/internal/lang"
	"github.com/crowsstack/privacy-portal/internal/mail"
)

// ID names a request inside; Ref names it to people ("CS-7F3K-29QD") and is
// never a credential.
type (
	ID  = uuid.UUID
	Ref string
)

// Kind is what is asked. A kind picks data-map actions; it never picks another
// path through the code.
type Kind string

const (
	Access             Kind = "access"
	Correction         Kind = "correction"
	Deletion           Kind = "deletion"
	Portability        Kind = "portability"
	Restriction        Kind = "restriction"
	Objection          Kind = "objection"
	Withdrawal         Kind = "withdrawal" // of a consent
	OptOut             Kind = "opt_out"    // of messages
	ShortenedRetention Kind = "shortened_retention"
	// RestrictionLift ends a restriction that was carried out. Staff open it from
	// the request that it ends; nobody asks for it in the form.
	RestrictionLift Kind = "restriction_lift"
	// Complaint is about us, Appeal against a decision: each has a clock of its own,
	// and is decided by somebody who had no part in what it is about.
	Complaint Kind = "complaint"
	Appeal    Kind = "appeal"
)

// Kinds lists what the form offers, in its order. Catalogue: "kind.<kind>".
var Kinds = []Kind{Access, Correction, Deletion, Portability, Restriction, Objection, Withdrawal, OptOut, ShortenedRetention}

// AllKinds are those of the form, those that staff open, and complaints.
var AllKinds = append(slices.Clone(Kinds), RestrictionLift, Complaint, Appeal)

// Packs says that the answer is a package with the data.
func (k Kind) Packs() bool { return k == Access || k == Portability }

// AtOnce says that nobody decides: what was asked is carried out as soon as the
// address is proved. It only ever stops something.
func (k Kind) AtOnce() bool { return k == Withdrawal || k == OptOut }

// Relation is how the person knows the operator. Catalogue: "relation.<relation>".
type Relation string

const (
	Recipient      Relation = "recipient"    // an organization messaged them
	Account        Relation = "account"      // they sign in to the product
	Representative Relation = "organization" // they ask for an organization's own data
	Visitor        Relation = "visitor"      // none of these, or unsure
)

// Relations lists what the form offers, in its order.
var Relations = []Relation{Recipient, Account, Representative, Visitor}

// CorrectionPair is one thing that is wrong and what is right.
type CorrectionPair struct {
	Wrong string `json:"wrong"`
	Right string `json:"right"`
}

// Submission is the five-step form, as typed.
type Submission struct {
	Kind         Kind             `json:"kind"`
	Relation     Relation         `json:"relation"`
	Business     string           `json:"business"`     // which business messaged them (Recipient)
	Organization string           `json:"organization"` // its name (Representative)
	Name         string           `json:"name"`
	Email        string           `json:"email"`
	Phone        string           `json:"phone"`
	Country      string           `json:"country"`    // law.Places code: "DE", "GB", "US-CA", "BR" …
	Categories   []string         `json:"categories"` // data-map category ids; all if empty
	AllTime      bool             `json:"all_time"`
	From         string           `json:"from"`  // YYYY-MM-DD or ""
	Until        string           `json:"until"` // YYYY-MM-DD or ""
	Details      string           `json:"details"`
	Corrections  []CorrectionPair `json:"corrections,omitempty"`
	// Purposes to stop: objection and withdrawal, of Settings.Purposes; all if empty.
	Purposes []string `json:"purposes,omitempty"`
	// KeepDays is how long data may be kept from now on (shortened retention):
	// one of KeepDays, or any number from 1 to MaxKeepDays. Categories says of what.
	KeepDays int      `json:"keep_days,omitempty"`
	Lang     lang.Tag `json:"lang"`
	// Draft names the filled-in form (32 random bytes or more, as text): sending
	// the same draft twice gives the same request, whatever the browser does.
	Draft string `json:"-"`
}

// Step is one page of the form; fields are validated page by page.
type Step string

const (
	StepRight   Step = "right"   // field: kind
	StepYou     Step = "you"     // fields: relation, business, organization
	StepDetails Step = "details" // fields: name, email, phone, country
	StepScope   Step = "scope"   // fields: categories, from, until, details, wrong-0, right-0 …, purposes, keep_days
)

// Steps are the pages that ask something, in order; "check" follows.
var Steps = []Step{StepRight, StepYou, StepDetails, StepScope}

// Limits on what may be typed, in characters.
const (
	MaxName    = 200
	MaxDetails = 2000
	MaxMessage = 5000
)

// KeepDays are the periods that the form offers for a shortened retention.
var KeepDays = []int{30, 90, 180, 365}

// MaxKeepDays is the longest period that makes sense to ask for.
const MaxKeepDays = 3650

// Outcome says how a final request ended. Catalogue: "outcome.<outcome>".
type Outcome string

const (
	Answered     Outcome = "answered"
	Erased       Outcome = "erased"
	NothingFound Outcome = "nothing_found"
	Withdrawn    Outcome = "withdrawn"
	Refused      Outcome = "refused"
	Unconfirmed  Outcome = "unconfirmed"
	Duplicated   Outcome = "duplicate" // another request of the person asks the same, and goes on
	Disowned     Outcome = "disowned"
	DeliveryOver Outcome = "delivery_over" // the package was there and its time has run out

	Corrected          Outcome = "corrected"
	Restricted         Outcome = "restricted"
	Lifted             Outcome = "lifted" // a restriction is over
	Objected           Outcome = "objected"
	ConsentWithdrawn   Outcome = "consent_withdrawn"
	OptedOut           Outcome = "opted_out"
	RetentionShortened Outcome = "retention_shortened"

	// Of a complaint or an appeal.
	Upheld       Outcome = "upheld"
	PartlyUpheld Outcome = "partly_upheld"
	Dismissed    Outcome = "dismissed"
)

// Request is one request.
type Request struct {
	ID           ID
	Ref          Ref
	Kind         Kind
	State        State
	Outcome      Outcome // "" while open
	Relation     Relation
	Name         string
	Email        string
	Phone        string // E.164 or ""; typed, not proved
	Country      string
	Answers      Submission
	Lang         lang.Tag
	Law          string // law code, e.g. "EU-DE"
	ReceivedAt   time.Time
	VerifiedAt   *time.Time
	DueAt        time.Time // legal due, end of day in the law's zone; with an extension, the end of that
	ClosedAt     *time.Time
	Assignee     *uuid.UUID
	AssigneeName string
	// Facts on the request, not states.
	ConfirmedAt *time.Time // second confirmation of a deletion
	RunsAt      *time.Time // confirmed + cooling-off
	Ends        *ID        // the restriction that a lift ends
	About       *ID        // what a complaint or appeal is about, or what is looked into again after one
	Laws        []string   // further laws that apply
	TargetAt    *time.Time // what staff work towards
	AckDueAt    *time.Time // of the acknowledgement, where the law wants one
	NoticeBy    *time.Time // last moment to announce an extension
	ExtendedAt  *time.Time // an extension was announced
	PausedAt    *time.Time // the clock stands since
	HeldAt      *time.Time // a legal hold stands since
	StoreDownAt *time.Time // the messaging store has not answered since
	Channel     Channel    // how it came
	RecordedBy  *uuid.UUID // who wrote down what came by another way than the portal
	RecordedAt  *time.Time
	Original    string     // where the original lies
	ProvedBy    *uuid.UUID // who found out who sent it, where no link could
	FollowUp    *time.Time // the day on which staff want to look at it again
	StoreDown   string     // which one
	Attention   string     // catalogue key of something staff must look at; "" if none
}

// Organization says that the request covers an organization's own data.
func (r Request) Organization() bool { return r.Relation == Representative }

// DaysLeft counts whole days until the due date at now; negative when overdue.
func (r Request) DaysLeft(now time.Time) int {
	d := r.DueAt.Sub(now)
	if d < 0 {
		return -int((-d + 24*time.Hour - 1) / (24 * time.Hour))
	}
	return int(d / (24 * time.Hour))
}

// Proposal is a staged package or plan, and who stands behind it.
type Proposal struct {
	ID           uuid.UUID
	Version      int
	Plan         datamap.Plan
	Package      export.Package // of a kind that packs: the sealed ZIPs, in order
	Hash         string         // what the approval is bound to, hex SHA-256
	MadeAt       time.Time
	PreparedBy   *uuid.UUID // who proposed it; nil until proposed
	PreparedName string
	PreparedAt   *time.Time
	Note         string // of the preparer
	DecidedBy    *uuid.UUID
	DecidedName  string
	DecidedAt    *time.Time
	Decision     string // "", "approved", "sent_back", "superseded"
	DecisionNote string
	Choices      int                 // version of the choices that it was made from
	Undecided    int                 // what staff still have to decide before anybody may approve
	Automatic    bool                // it only stops something, so nobody decides
	Redaction    int                 // the last ruling that it was made with
	Review       *export.SheetTotals // what its sheets count; nil if it has none
}

// Message is one of the secure messages between the person and staff.
type Message struct {
	ID     uuid.UUID
	At     time.Time
	Staff  bool // from staff
	Author string
	Note   bool // internal note, never shown to the person
	Body   string
	Files  []Attachment
}

// Progress is one step of an execution as staff and the person see it.
type Progress struct {
	Step     datamap.Step
	Affected int64
	Done     bool
}

// TimelineItem is one thing that happened or is to come, for the person's page.
// Catalogue: "timeline.<code>".
type TimelineItem struct {
	Code string
	At   *time.Time // nil: to come, without a date
	Now  bool       // what is happening now
	Done bool
}

// Mine is the person's own page of a request.
type Mine struct {
	Request     Request
	Timeline    []TimelineItem
	Messages    []Message
	Proposal    *Proposal // the plan to confirm (deletion), or what was carried out; nil for a package
	Progress    []Progress
	Staging     *Staging // while a worker searches or packs
	Delivery    *Delivery
	Copies      []Copy // once a deletion is carried out: what outlives it for a while
	KeepDays    int    // once a period is shortened: how long data is kept
	RefusalCode string // law refusal code; catalogue "law.refusal.<code>"
	RefusalText string // staff's sentence to the person
	Recipients  []Duty // who had to be told what was changed, and what became of it
	Duplicate   Ref    // of a duplicate: the request that goes on
	Clock       MineClock
	Letters     []LetterRow // newest first
}

// Copy is a package of another request that the person can still download.
type Copy struct {
	Ref   Ref
	Until time.Time
}

// Delivery is a package that waits for the person.
type Delivery struct {
	Package export.Package
	Opened  []int // downloads of each part so far
	Until   time.Time
	Used    int // how often all of it was downloaded
	Allowed int
}

// Left is how often a part, counted from 0, can still be downloaded.
func (d Delivery) Left(part int) int { return max(0, d.Allowed-d.Opened[part]) }

// Fetch is one part of a package on its way to somebody.
type Fetch struct {
	export.Part
	Number, Of int
}

// Phase is what a worker does while a request is looked for. Catalogue: "phase.<phase>".
type Phase string

const (
	Searching Phase = "searching"
	Packing   Phase = "packing"
)

// Staging is how far a worker is with what will be put before staff.
type Staging struct {
	Phase         Phase
	Done, Planned int64 // rows; nothing is planned while it searches
	Alive         bool  // a worker is on it now; if not, another one goes on soon
}

// QueueRow is one line of the desk's queue.
type QueueRow struct {
	Request
	NeedsAction bool // the next step is staff's
	Waiting     bool // the next step is the person's
	Approval    bool // waits for a second person
}

// View is one of the queue's named views. Catalogue: "view.<view>".
type View string

const (
	ViewOpen       View = "open"
	ViewAction     View = "action"
	ViewOverdue    View = "overdue"
	ViewSoon       View = "soon"
	ViewApprovals  View = "approvals"
	ViewWaiting    View = "waiting"
	ViewUnassigned View = "unassigned"
	ViewMine       View = "mine"
	ViewClosed     View = "closed"
)

// Views lists the queue's views, in order.
var Views = []View{ViewOpen, ViewAction, ViewOverdue, ViewSoon, ViewApprovals, ViewWaiting, ViewUnassigned, ViewMine, ViewClosed}

// PageSize is how many rows the queue shows at once.
const PageSize = 50

// Page is one page of the queue.
type Page struct {
	Rows   []QueueRow
	Next   string         // cursor of the next page; "" on the last
	Prev   string         // of the page before; "" on the first
	Counts map[View]int64 // how many there are, at most CountCap each
}

// CountCap is where the queue stops counting ("1,000+").
const CountCap = 1000

// Case is everything the desk shows of one request.
type Case struct {
	Request      Request
	Version      int64           // as it was before anything of it was read; see Seen
	RecordedName string          // who wrote it down, where it did not come by the portal
	Found        []datamap.Found // of the last discovery; nil before it
	Matches      []Match
	Learnt       []string
	Warnings     []string
	SearchedAt   *time.Time
	Proposal     *Proposal  // the current one
	Earlier      []Proposal // newest first
	Messages     []Message
	Letters      []mail.Delivery
	Audit        []audit.Entry // newest first, the last twenty
	AuditCount   int64
	Progress     []Progress
	Staging      *Staging // while a worker searches or packs
	Delivery     *Delivery
	Others       []Request // other requests from the same address, newest first
	RefusalCode  string
	RefusalText  string
	Clock        CaseClock
	Duties       CaseDuties
	Redaction    CaseRedaction
	Sent         CaseLetters

	// What staff decide on before anybody proposes.
	Chosen     Chosen
	Choosers   []uuid.UUID // who made any version of the choices: they prepared, and cannot approve
	Candidates []Candidate
	Mentions   []Mention
	Fields     []Field   // correction: what may be corrected, as it is now
	Refused    []Refusal // correction: edits that the store would not take
	Review     []ReviewColumn
	Restricted *Request // a lift: the restriction that it ends
	Lift       *Request // a restriction: the newest attempt to lift it
}

// LinkPurpose says what a mailed link of the person is for.
type LinkPurpose string

const (
	LinkConfirm  LinkPurpose = "confirm_request"
	LinkMine     LinkPurpose = "my_requests"
	LinkDeletion LinkPurpose = "confirm_deletion"
)

// LinkState is what the page behind a mailed link shows before its button is pressed.
type LinkState struct {
	Purpose LinkPurpose
	Expired bool    // too old, used, or replaced by a newer one
	Request Request // zero for LinkMine
}
