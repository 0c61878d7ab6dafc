package main

import (
	"slices"
	"strings"
	"time"
)

// Programme is the programme of the eligibility service, as the benchmark exports it.
type Programme struct {
	Version      string `json:"version"`
	Shareholding struct {
		MainlandAbove int64 `json:"mainland_above_percent"`
		HongKongFrom  int64 `json:"hong_kong_from_percent"`
	} `json:"shareholding"`
	Workshops struct {
		Streams []string `json:"streams"`
		Since   string   `json:"since"`
	} `json:"workshops"`
	Repeat struct {
		Years       int `json:"years"`
		Anniversary struct {
			Binds string `json:"binds"`
		} `json:"anniversary"`
	} `json:"repeat"`
	Limits struct {
		OpenCases struct {
			AtMost int `json:"at_most"`
		} `json:"open_cases_per_factory_and_stream"`
		Quotations []struct {
			UpToCents int64 `json:"up_to_cents"`
			Number    int64 `json:"number"`
		} `json:"quotations"`
	} `json:"limits"`
	Phases []Phase `json:"phases"`
}

// Bound is a first or last day; days are compared as text such as 2020-03-31.
type Bound struct {
	On        *string `json:"on"`
	NotBefore *string `json:"not_before"`
	NotAfter  *string `json:"not_after"`
}

type Phase struct {
	Name    string  `json:"name"`
	Opens   Bound   `json:"opens"`
	Closes  Bound   `json:"closes"`
	Streams []Terms `json:"streams"`
}

type Terms struct {
	Stream       string   `json:"stream"`
	Share        *int64   `json:"share_percent"`
	Ceiling      *int64   `json:"ceiling_cents"`
	LocalCeiling *int64   `json:"local_technology_ceiling_cents"`
	MonthsAtMost *int     `json:"months_at_most"`
	Technologies []string `json:"technology_list"`
}

func (b Bound) earliest() string { return first(b.On, b.NotBefore) }
func (b Bound) latest() string   { return first(b.On, b.NotAfter) }

func first(on, otherwise *string) string {
	if on != nil {
		return *on
	}
	return *otherwise
}

// Decision is the outcome for one application.
type Decision struct {
	Outcome string
	Phase   *string
	Reasons []string
	Amounts Amounts
}

type Amounts struct {
	Cost           int64
	Share, Ceiling *int64
}

var (
	refusals = set("no-open-phase", "stream-not-in-phase", "workshop-gets-demonstration-only",
		"workshops-not-in-phase", "agreement-not-subsisting", "mainland-share-too-low",
		"hong-kong-share-too-low", "shares-of-different-persons", "factory-not-in-guangdong",
		"factory-not-in-hong-kong", "project-too-long", "not-a-trade-association",
		"organisation-not-in-hong-kong", "earlier-assessment-not-completed", "repeat-too-early", "repeat-work-too-early",
		"repeat-without-recommended-measure", "repeat-without-investment", "repeat-without-change")
	referrals = set("phase-dates-not-set", "share-not-set", "ceiling-not-set",
		"industry-not-priority", "workshop-process-not-listed", "technology-not-listed",
		"earlier-assessment-not-in-record", "another-case-open", "quotations-missing")
	hongKong = time.FixedZone("Asia/Hong_Kong", 8*3600) // no summer time since 1979
)

func set(codes ...string) map[string]bool {
	result := make(map[string]bool, len(codes))
	for _, code := range codes {
		result[code] = true
	}
	return result
}

// Decide applies the terms of the day of receipt in Hong Kong.
func (p *Programme) Decide(event *Submitted, history History) Decision {
	a, day := &event.Application, event.ReceivedAt.In(hongKong).Format(time.DateOnly)
	phase := p.phaseOn(day)
	terms := phase.terms(a.Stream)
	reasons := make([]string, 0, 4)
	reasons = p.aboutPhase(reasons, phase, terms, day)
	reasons = p.aboutApplicant(reasons, a, phase)
	reasons = p.aboutHistory(reasons, a, history, day)
	amounts := amountsOf(a, terms)
	if terms != nil {
		reasons = p.aboutTerms(reasons, a, terms, amounts)
	}
	return decision(reasons, phase, amounts)
}

func decision(reasons []string, phase *Phase, amounts Amounts) Decision {
	result := Decision{Outcome: outcomeOf(reasons), Reasons: reasons, Amounts: amounts}
	if phase != nil {
		result.Phase = &phase.Name
	}
	if result.Outcome == "ineligible" {
		result.Reasons = slices.DeleteFunc(reasons, func(code string) bool {
			return !refusals[code]
		})
	}
	return result
}

func outcomeOf(reasons []string) string {
	outcome := "eligible"
	for _, code := range reasons {
		if refusals[code] {
			return "ineligible"
		}
		if referrals[code] {
			outcome = "referred"
		}
	}
	return outcome
}

func (p *Programme) phaseOn(day string) *Phase {
	for i := range p.Phases {
		if each := &p.Phases[i]; each.Opens.latest() <= day && day <= each.Closes.earliest() {
			return each
		}
	}
	return nil
}

func (p *Programme) isUncertain(day string) bool {
	return slices.ContainsFunc(p.Phases, func(each Phase) bool {
		return each.Opens.earliest() <= day && day <= each.Closes.latest()
	})
}

func (p *Phase) terms(stream string) *Terms {
	if p == nil {
		return nil
	}
	for i := range p.Streams {
		if p.Streams[i].Stream == stream {
			return &p.Streams[i]
		}
	}
	return nil
}

func (p *Programme) aboutPhase(reasons []string, phase *Phase, terms *Terms, day string) []string {
	switch {
	case phase == nil && p.isUncertain(day):
		return append(reasons, "phase-dates-not-set")
	case phase == nil:
		return append(reasons, "no-open-phase")
	case terms == nil:
		return append(reasons, "stream-not-in-phase")
	}
	return reasons
}

func (p *Programme) aboutApplicant(reasons []string, a *Application, phase *Phase) []string {
	if a.Stream == "organisation-support" {
		return aboutOrganisation(reasons, a.Organisation)
	}
	reasons = aboutPlace(reasons, a.Connection.Ground, a.Factory.Place)
	switch a.Connection.Ground {
	case "1c":
		if !*a.Connection.AgreementSubsists {
			reasons = append(reasons, "agreement-not-subsisting")
		}
	case "1d":
		reasons = p.aboutShares(reasons, a.Connection)
	case "3":
		reasons = p.aboutWorkshop(reasons, a, phase)
	}
	if a.Factory.Industry == "other" {
		reasons = append(reasons, "industry-not-priority")
	}
	return reasons
}

func aboutOrganisation(reasons []string, o *Organisation) []string {
	if o.Kind != "trade-association" {
		reasons = append(reasons, "not-a-trade-association")
	}
	if !*o.BasedInHongKong {
		reasons = append(reasons, "organisation-not-in-hong-kong")
	}
	return reasons
}

func aboutPlace(reasons []string, ground, place string) []string {
	if strings.HasPrefix(ground, "1") {
		if place != "guangdong" {
			reasons = append(reasons, "factory-not-in-guangdong")
		}
	} else if place != "hong-kong" {
		reasons = append(reasons, "factory-not-in-hong-kong")
	}
	return reasons
}

func (p *Programme) aboutShares(reasons []string, c *Connection) []string {
	if c.mainland <= p.Shareholding.MainlandAbove*percentUnit {
		reasons = append(reasons, "mainland-share-too-low")
	}
	if c.hongKong < p.Shareholding.HongKongFrom*percentUnit {
		reasons = append(reasons, "hong-kong-share-too-low")
	}
	if !*c.SameResident {
		reasons = append(reasons, "shares-of-different-persons")
	}
	return reasons
}

func (p *Programme) aboutWorkshop(reasons []string, a *Application, phase *Phase) []string {
	if len(a.Connection.Processes) == 1 && a.Connection.Processes[0] == "other" {
		reasons = append(reasons, "workshop-process-not-listed")
	}
	if !slices.Contains(p.Workshops.Streams, a.Stream) {
		reasons = append(reasons, "workshop-gets-demonstration-only")
	}
	if phase != nil && phase.Opens.latest() < p.Workshops.Since {
		reasons = append(reasons, "workshops-not-in-phase")
	}
	return reasons
}

func (p *Programme) aboutTerms(reasons []string, a *Application, terms *Terms, of Amounts) []string {
	if terms.MonthsAtMost != nil && a.Project.ends.After(monthsAfter(a.Project.starts, *terms.MonthsAtMost)) {
		reasons = append(reasons, "project-too-long")
	}
	if a.Stream == "new-technology" && !terms.lists(a.Technology) {
		reasons = append(reasons, "technology-not-listed")
	}
	if quotations := a.Project.Quotations; quotations != nil && *quotations < p.quotationsNeeded(of.Cost) {
		reasons = append(reasons, "quotations-missing")
	}
	return of.reasons(reasons)
}

func (t *Terms) lists(technology *Technology) bool {
	if t.Technologies == nil {
		return *technology.OnTechnologyList
	}
	return slices.Contains(t.Technologies, technology.Name)
}

func (p *Programme) quotationsNeeded(cost int64) int64 {
	for _, limit := range p.Limits.Quotations {
		if cost <= limit.UpToCents {
			return limit.Number
		}
	}
	return 0
}

func amountsOf(a *Application, terms *Terms) Amounts {
	result := Amounts{Cost: a.Project.CostCents}
	if terms == nil {
		return result
	}
	result.Share, result.Ceiling = terms.Share, terms.Ceiling
	if a.Stream == "new-technology" && a.Technology.DevelopedBy != "others" && terms.LocalCeiling != nil {
		result.Ceiling = terms.LocalCeiling
	}
	return result
}

func (a Amounts) reasons(reasons []string) []string {
	if a.Share == nil {
		reasons = append(reasons, "share-not-set")
	}
	if a.Ceiling == nil {
		reasons = append(reasons, "ceiling-not-set")
	}
	if a.Share == nil || a.Ceiling == nil {
		return reasons
	}
	if a.Cost**a.Share/100 <= *a.Ceiling {
		return append(reasons, "grant-is-share")
	}
	return append(reasons, "grant-is-ceiling")
}

// grant returns the share up to the ceiling, or nil while the share is not set.
func (a Amounts) grant() *int64 {
	if a.Share == nil {
		return nil
	}
	grant := a.Cost * *a.Share / 100
	if a.Ceiling != nil {
		grant = min(grant, *a.Ceiling)
	}
	return &grant
}

// monthsAfter returns the same day of a later month, or its last day if it is shorter.
func monthsAfter(day time.Time, months int) time.Time {
	firstOfMonth := time.Date(day.Year(), day.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := firstOfMonth.AddDate(0, 1, -1).Day()
	return firstOfMonth.AddDate(0, 0, min(day.Day(), last)-1)
}
