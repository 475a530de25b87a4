package rule

import "freshet/internal/record"

// shapeFacts is what all records of one shape have in common.
type shapeFacts struct {
	pack *Scope
	chat *Chat // but for the roles
}

// mostShapes is of how many shapes facts are kept; then it begins anew.
const mostShapes = 128

// ofShape gives what is known of the record's shape, to be added to; nil when it has none.
func (c *Context) ofShape() *shapeFacts {
	s := c.JSON.Shape
	if s == nil {
		return nil
	}
	f := c.shapes[s]
	if f == nil {
		if f = (&shapeFacts{}); c.shapes == nil || len(c.shapes) == mostShapes {
			c.shapes = map[*record.Shape]*shapeFacts{}
		}
		c.shapes[s] = f
	}
	return f
}
