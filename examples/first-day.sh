#!/bin/sh
# A newcomer's first day with Prospector: three people on their way, with nothing but curl.
#
#   examples/first-day.sh [path of the built binary, default target/release/prospector]
#
# It starts the demo on the method's own date, in a folder of its own, and starts it again later and later: the business
# calendar moves, tokens stay valid. Every step says what it does and checks what came of it.
set -eu

. "$(dirname "$0")/small-tools"

# look ID: reads a prospect, and keeps its version for the next change.
look() {
  etag=
  call GET "/v1/prospects/$1"
  answered 200 "reading the prospect"
  etag=$(sed -n 's/^[Ee][Tt][Aa][Gg]: *//p' "$dir/head" | tr -d '\r')
}
# move ID JSON: asks for a move from the version last seen.
move() { look "$1"; call POST "/v1/prospects/$1/transitions" "$2"; }
create() {
  etag=
  call POST /v1/prospects "$1"
  answered 201 "creating a prospect"
  field id
}

# --- Monday, 14 December 2009 -----------------------------------------------------------------------------------------
start 2009-12-14

say "Log in as agent-a."
call POST /v1/auth/login '{"username": "agent-a", "password": "prospector-demo"}'
answered 200 "logging in"
token=$(field access_token)
call GET /v1/me
answered 200 "who am I"
is username agent-a
me=$(field id)
call GET "/v1/agents/$me/cycle"
answered 200 "the sales cycle"
is cycle_days 28

say "Create three prospects."
wang=$(create '{"name": "王美兰", "phones": ["13800000001"], "source": "referral"}')
li=$(create '{"name": "李国强", "phones": ["13800000002"], "source": "exhibition"}')
zhao=$(create '{"name": "赵晓东", "phones": ["13800000003"], "source": "neighbour"}')
look "$wang"
is stage opportunity

say "王美兰 cannot be at 25% yet: the answer lists everything that is missing."
move "$wang" '{"to": "stage_25"}'
answered 422 "a move without its guards"
is code transition_refused
has first_meeting_held "the first meeting is missing"
has further_cooperation_agreed "the agreement to go on is missing"

say "Fix a first appointment with her, and one with 赵晓东, for tomorrow."
move "$wang" '{"to": "first_appointment", "facts": {"first_appointment": {"starts_at": "2009-12-15T10:00:00+08:00"}, "decision_maker_expected": true}}'
answered 201 "the move to first_appointment"
is stage first_appointment
is falls_back_on 2009-12-17
move "$zhao" '{"to": "first_appointment", "facts": {"first_appointment": {"starts_at": "2009-12-15T16:00:00+08:00"}, "decision_maker_expected": true}}'
answered 201 "the move to first_appointment"

say "李国强 was met today, and wants to go on: but not before 11 January."
move "$li" '{"to": "stage_25", "facts": {"first_meeting_on": "2009-12-14", "further_cooperation_agreed": true,
  "next_appointment": {"starts_at": "2010-01-11T09:00:00+08:00", "agenda": "decide on the plan"}}}'
answered 201 "straight to 25%"
has '"pass_through":true' "the stage between was passed through"
look "$li"
is stage stage_25
is falls_back_on 2010-01-12

# --- Wednesday --------------------------------------------------------------------------------------------------------
start 2009-12-16

say "Enter what happened yesterday: the meeting with 王美兰 was held, and the next one fixed before leaving."
look "$wang"
is stage first_appointment
call GET "/v1/prospects/$wang/appointments"
answered 200 "her appointments"
appointment=$(field id)
call PATCH "/v1/prospects/$wang/appointments/$appointment" '{"outcome": "held"}'
answered 200 "recording that it was held"
move "$wang" '{"to": "stage_25", "occurred_on": "2009-12-15", "facts": {"further_cooperation_agreed": true,
  "next_appointment": {"starts_at": "2009-12-18T14:00:00+08:00", "fixed_on": "2009-12-15", "agenda": "go through the proposal"}}}'
answered 201 "the move to 25%"
is stage stage_25

say "50% needs five of five. Three are recorded with their evidence, two follow from dates."
move "$wang" '{"to": "stage_50"}'
answered 422 "a move without its criteria"
has '"code":"budget"' "the budget is missing"
has '"code":"timing"' "a signing date is missing"
etag=
call POST "/v1/prospects/$wang/criteria-checks" '{"criterion": "decision_maker", "verdict": "met", "evidence": "She decides; her husband agreed at the table."}'
answered 201 "decision maker"
call POST "/v1/prospects/$wang/criteria-checks" '{"criterion": "plan_fits", "verdict": "met", "evidence": "She explained the plan back to me."}'
answered 201 "plan fits"
call POST "/v1/prospects/$wang/criteria-checks" '{"criterion": "budget", "verdict": "met", "evidence": "Up to 250 a month."}'
answered 201 "budget"
move "$wang" '{"to": "stage_50", "facts": {"target_signing_on": "2009-12-18"}}'
answered 201 "the move to 50%"
is stage stage_50

# --- Friday -----------------------------------------------------------------------------------------------------------
start 2009-12-18

say "Nothing was entered for 赵晓东, so he fell back on Thursday."
look "$zhao"
is stage opportunity
call GET "/v1/prospects/$zhao/transitions"
has '"reason":"lapsed"' "the log says why"

say "But he was met on Tuesday. The late entry undoes the fallback."
move "$zhao" '{"to": "stage_25", "occurred_on": "2009-12-15", "facts": {"first_meeting_on": "2009-12-15", "further_cooperation_agreed": true,
  "next_appointment": {"starts_at": "2009-12-21T10:00:00+08:00", "fixed_on": "2009-12-15", "agenda": "needs and budget"}}}'
answered 201 "the late entry"
is stage stage_25
call GET "/v1/prospects/$zhao/transitions"
has '"kind":"superseded"' "the fallback is superseded, and still in the log"
look "$zhao"
is pursuit_number 1

# --- Monday -----------------------------------------------------------------------------------------------------------
start 2009-12-21

say "王美兰 signed on Friday. Without the money that is still 50%."
move "$wang" '{"to": "stage_90", "facts": {"signed_on": "2009-12-18", "documents_submitted_on": "2009-12-18"}}'
answered 422 "a signature without the money"
has premium_received "the money is missing"
say "Today the company has the money."
move "$wang" '{"to": "stage_90", "facts": {"signed_on": "2009-12-18", "documents_submitted_on": "2009-12-18", "premium_received_on": "2009-12-21",
  "advance_premium": {"amount": "3000.00", "currency": "CNY"}, "evidence": "bank slip of 21 December"}}'
answered 201 "the move to 90%"
is stage stage_90
has '"claimed"' "it counts as claimed until the policy system confirms it"

# --- Thursday ---------------------------------------------------------------------------------------------------------
start 2009-12-24

say "The policy was issued on Tuesday, and she signed the receipt on Wednesday: cooling-off runs to 2 January."
look "$wang"
version=$etag
call GET "/v1/prospects/$wang/pursuits"
answered 200 "her pursuits"
pursuit=$(field id)
etag=$version
call PATCH "/v1/prospects/$wang/pursuits/$pursuit" '{"policy_issued_on": "2009-12-22", "receipt_signed_on": "2009-12-23", "evidence": "receipt of 23 December"}'
answered 200 "issue and receipt"
look "$wang"
is stage stage_90
is closes_on 2010-01-03

start 2010-01-02
say "The last day of cooling-off."
look "$wang"
is stage stage_90
look "$li"
is falls_back_on 2010-01-12

start 2010-01-03
say "Cooling-off is over. Nobody has done anything, and the deal is closed."
look "$wang"
is stage closed
call GET "/v1/prospects/$wang/transitions"
has '"reason":"cooling_off_over"' "the log says why"

say "It took three days from the first meeting to the signature. The last ten deals now make a shorter cycle."
call GET "/v1/agents/$me/cycle"
is cycle_days 26
say "So 李国强 falls back sooner, too."
look "$li"
is falls_back_on 2010-01-10

start 2010-01-09
say "李国强 on the last day of the cycle."
look "$li"
is stage stage_25
is days_left 0

start 2010-01-10
say "One day more, and he is back among the opportunities. His history is kept."
look "$li"
is stage opportunity
call GET "/v1/prospects/$li/transitions"
has '"reason":"over_cycle"' "the log says why"
has '"path":"automatic"' "and that it happened by itself"
has '"to":"stage_25"' "the way there is still in it"

say "All as expected."
