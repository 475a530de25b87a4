package api

import (
	"encoding/json"
	"time"
)

// RuleSetVersion is a version of a named rule set, without its rules.
type RuleSetVersion struct {
	Name        string    `json:"name"`
	Version     int64     `json:"version" doc:"From 1; a version never changes"`
	CreatedBy   string    `json:"created_by"`
	CreatedTime time.Time `json:"created_time"`
}

// RuleSet is a version of a named rule set.
type RuleSet struct {
	RuleSetVersion
	Rules    json.RawMessage  `json:"rules" doc:"With the defaults of when it was made, so that a version means the same for ever"`
	Versions []RuleSetVersion `json:"versions" doc:"All that there are, newest first"`
}

// RuleSetList is every rule set in force, by name.
type RuleSetList struct {
	RuleSets []RuleSetVersion `json:"rule_sets" doc:"The latest version of each"`
}
