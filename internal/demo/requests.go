package demo

import _ "embed"

// Requests is the statement that makes requests by the number, as an office has
// them that was flooded for some months: three in ten are open, the others come
// from three years. $1 is how many, $2 the members who work on them. The same
// numbers make the same requests, but for the time, which is counted from now.
//
//go:embed requests.sql
var Requests string

// Proposals is the statement that has some of those wait for a decision; $1 is
// who proposed.
const Proposals = `INSERT INTO proposals (id, request_id, version, plan, hash, prepared_by, prepared_name, prepared_at)
	SELECT gen_random_uuid(), id, 1, '{}', repeat('ab', 32), $1, 'Hana Yamashita', now()
	FROM requests WHERE state = 'in_review' AND right(ref, 1) IN ('1', '9')`
