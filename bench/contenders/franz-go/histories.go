package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// Completion is a completed funded project of a factory.
type Completion struct {
	ApplicationID  string   `bson:"_id"`
	Stream         string   `bson:"stream"`
	Factory        string   `bson:"factory_registration_number"`
	CompletedOn    string   `bson:"completed_on"`
	ReportApproved bool     `bson:"report_approved"`
	Measures       []string `bson:"recommended_measures"`
}

// Earlier is another application of the same factory, as its stored decision describes it.
type Earlier struct {
	ApplicationID string    `bson:"application_id"`
	Stream        string    `bson:"stream"`
	Factory       string    `bson:"factory_registration_number"`
	ReceivedAt    time.Time `bson:"received_at"`
	Outcome       string    `bson:"outcome"`
}

var earlierFields = bson.M{
	"application_id": 1, "stream": 1, "factory_registration_number": 1, "received_at": 1, "outcome": 1,
}

// Histories are the completions and open cases of the factories of a batch.
type Histories struct {
	assessments map[string][]Completion
	openCases   map[openCase][]Earlier
}

type openCase struct{ factory, stream string }

// History is what affects the decision on one application; assessments are in order of completion.
type History struct {
	assessments []Completion
	openCases   int
	hasGrant    bool
}

// lookUp queries the histories of a whole batch at once.
func (l *loop) lookUp(ctx context.Context, events []*Submitted) (*Histories, error) {
	factories := make([]string, 0, len(events))
	for _, each := range events {
		if factory := each.Application.Factory; factory != nil {
			factories = append(factories, factory.RegistrationNumber)
		}
	}
	filter := bson.M{"factory_registration_number": bson.M{"$in": factories}}
	var completions []Completion
	if err := find(ctx, l.completions, filter, options.Find(), &completions); err != nil {
		return nil, err
	}
	var earlier []Earlier
	fields := options.Find().SetProjection(earlierFields)
	if err := find(ctx, l.decisions, filter, fields, &earlier); err != nil {
		return nil, err
	}
	return newHistories(completions, earlier), nil
}

func find(
	ctx context.Context, in *mongo.Collection, filter bson.M,
	fields *options.FindOptionsBuilder, found any,
) error {
	cursor, err := in.Find(ctx, filter, fields)
	if err != nil {
		return err
	}
	return cursor.All(ctx, found)
}

func newHistories(completions []Completion, earlier []Earlier) *Histories {
	result := &Histories{map[string][]Completion{}, map[openCase][]Earlier{}}
	completed := make(map[string]bool, len(completions))
	slices.SortFunc(completions, func(a, b Completion) int {
		return strings.Compare(a.CompletedOn+a.ApplicationID, b.CompletedOn+b.ApplicationID)
	})
	for _, each := range completions {
		completed[each.ApplicationID] = true
		if each.Stream == "assessment" {
			result.assessments[each.Factory] = append(result.assessments[each.Factory], each)
		}
	}
	for _, each := range earlier {
		if each.Outcome != "ineligible" && !completed[each.ApplicationID] {
			of := openCase{each.Factory, each.Stream}
			result.openCases[of] = append(result.openCases[of], each)
		}
	}
	return result
}

func (h *Histories) of(event *Submitted) History {
	factory := event.Application.Factory
	if factory == nil {
		return History{}
	}
	others := make(map[string]bool)
	hasGrant := false
	for _, each := range h.openCases[openCase{factory.RegistrationNumber, event.Application.Stream}] {
		if each.ApplicationID != event.ApplicationID && each.goesAhead(event) {
			others[each.ApplicationID] = true
			hasGrant = hasGrant || each.Outcome == "eligible"
		}
	}
	return History{h.assessments[factory.RegistrationNumber], len(others), hasGrant}
}

// goesAhead returns whether it has priority: it was received first, or is already approved.
func (e *Earlier) goesAhead(of *Submitted) bool {
	received := of.ReceivedAt.UTC().Truncate(time.Millisecond)
	return e.Outcome == "eligible" || e.ReceivedAt.Before(received) ||
		e.ReceivedAt.Equal(received) && e.ApplicationID < of.ApplicationID
}

func (p *Programme) aboutHistory(reasons []string, a *Application, history History, day string) []string {
	if a.Stream == "assessment" {
		if history.hasGrant {
			reasons = append(reasons, "earlier-assessment-not-completed")
		}
		reasons = p.aboutRepeat(reasons, a, history.assessments, day)
	}
	if history.openCases >= p.Limits.OpenCases.AtMost {
		reasons = append(reasons, "another-case-open")
	}
	return reasons
}

func (p *Programme) aboutRepeat(reasons []string, a *Application, assessments []Completion, day string) []string {
	if len(assessments) == 0 {
		if a.Repeat != nil {
			reasons = append(reasons, "earlier-assessment-not-in-record")
		}
		return reasons
	}
	earlier := assessments[len(assessments)-1]
	completed, _ := time.Parse(time.DateOnly, earlier.CompletedOn)
	anniversary := monthsAfter(completed, 12*p.Repeat.Years)
	if p.Repeat.Anniversary.Binds == "application" {
		if day < anniversary.Format(time.DateOnly) {
			reasons = append(reasons, "repeat-too-early")
		}
	} else if a.Project.starts.Before(anniversary) {
		reasons = append(reasons, "repeat-work-too-early")
	}
	return a.Repeat.about(reasons, &earlier)
}

func (r *Repeat) about(reasons []string, earlier *Completion) []string {
	if r == nil || !earlier.ReportApproved || r.ImplementedMeasure == nil ||
		!slices.Contains(earlier.Measures, *r.ImplementedMeasure) {
		reasons = append(reasons, "repeat-without-recommended-measure")
	} else if !r.FacilityInvestment {
		reasons = append(reasons, "repeat-without-investment")
	}
	if r == nil || r.Change == nil {
		reasons = append(reasons, "repeat-without-change")
	}
	return reasons
}
