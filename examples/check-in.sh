#!/bin/sh
# A check-in on Monday: what a supervisor looks at, hands out and signs, with nothing but curl.
#
#   examples/check-in.sh [path of the built binary, default target/release/prospector]
#
# The demo holds the method's two sample sheets; every figure below is checked against the method.
set -eu

. "$(dirname "$0")/small-tools"

log_in() {
  token=
  etag=
  call POST /v1/auth/login "{\"username\": \"$1\", \"password\": \"prospector-demo\"}"
  answered 200 "logging in"
  token=$(field access_token)
  call GET /v1/me
  me=$(field id)
  team=$(field team_id)
}
# take PATH FORMAT: downloads a report in another form to $dir/file.
take() {
  status=$(curl -sS -o "$dir/file" -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Accept-Language: zh-CN' "$base$1&format=$2")
  answered 200 "taking $1 as $2"
}
begins() { [ "$(head -c "$1" "$dir/file" | od -An -tx1 | tr -d ' \n')" = "$2" ] || fail "the file begins otherwise"; ok "$3"; }

# --- Monday, 14 December 2009 -----------------------------------------------------------------------------------------
start 2009-12-14

say "The supervisor's team sheet."
log_in supervisor-a
call GET "/v1/reports/team-sheet?team_id=$team&week_of=2009-12-14"
answered 200 "the team sheet"
has '"subtotal":{"first_appointment":7,"stage_25":7,"stage_50":5,"stage_90":3,"closed":5,"advance_premium":{"amount":"13000.00","currency":"CNY"},"standard_premium":{"amount":"14000.00"' \
  "Monday's block: 7 7 5 3 5 13000 14000"

say "The action sheet of 李明, whose team's week starts on Saturday."
call GET /v1/agents
agent=$(grep -o '"id":"[^"]*","username":"agent-a"' "$dir/body" | cut -d'"' -f4)
sheet="/v1/reports/action-sheet?agent_id=$agent&week_of=2009-12-14"
call GET "$sheet"
answered 200 "the action sheet"
is cycle_days 28
has '"subtotals":{"first_appointment":1,"stage_25":1,"stage_50":1,"stage_90":1,"closed":0}' "Monday's block: 1 1 1 1 0"

say "The same data, with a week that starts on Friday: Monday the 14th belongs to Wednesday's block."
call GET "$sheet&sheet_week_start=FRI"
is from 2009-12-11
has '"subtotals":{"first_appointment":2,"stage_25":2,"stage_50":0,"stage_90":0,"closed":0}' "Friday to Sunday: 2 2 0 0 0"

say "To print, and to take along."
take "$sheet" xlsx
begins 2 504b "a workbook"
take "$sheet" csv
begins 3 efbbbf "CSV with a byte-order mark"
grep -q 艾新华 "$dir/file" || fail "the names are missing"
ok "with the names"
take "/v1/reports/shape?team_id=$team" svg
begins 4 3c737667 "a picture of the shape"

say "What is it like, and what to do about it?"
call GET "/v1/reports/shape?team_id=$team&include_subteams=true"
answered 200 "the shape"
is shape ideal
call GET "/v1/reports/first-appointments?agent_id=$agent"
answered 200 "the level of first appointments"
is target_a_week 5
call GET "/v1/reports/levers?team_id=$team"
answered 200 "the levers"
has '"policies_a_year":71.4' "ten of fifteen reached instead of seven: 71.4 policies a year instead of 50"
has '"infeasible":\["too_many_dials"\]' "thirty dials a day are unreal"
call GET "/v1/reports/attention?team_id=$team&include_subteams=true"
has '"receipt_missing"' "four receipts are missing"

say "The supervisor signs Monday's block off."
call POST /v1/sign-offs "{\"agent_id\": \"$agent\", \"week_of\": \"2009-12-14\", \"check_in\": \"monday\"}"
answered 201 "signing off"
signed=$(field id)

# --- Wednesday --------------------------------------------------------------------------------------------------------
start 2009-12-16

say "李明 tells on Wednesday of an appointment fixed on Monday."
log_in agent-a
call POST /v1/prospects '{"name": "钱多多", "source": "referral", "occurred_on": "2009-12-14"}'
answered 201 "creating a prospect"
late=$(field id)
etag='"1"'
call POST "/v1/prospects/$late/transitions" '{"to": "first_appointment", "occurred_on": "2009-12-14", "facts": {"decision_maker_expected": true,
  "first_appointment": {"starts_at": "2009-12-17T10:00:00+08:00", "fixed_on": "2009-12-14"}}}'
answered 201 "the late entry"
etag=

say "What was signed stays; the late entry stands beside it."
call GET "$sheet"
has '"restatements":\[{"figure":"first_appointment","signed_count":1,"restated_count":2' "first appointments: 1 signed, 2 now"

say "The own day in one request."
call GET /v1/today
answered 200 "today"
has '"outcomes_to_enter"' "what is still to be entered"

say "The supervisor takes the signature back, with a reason, and signs again."
log_in supervisor-a
call POST "/v1/sign-offs/$signed/revocations" '{"reason_text": "one appointment was missing"}'
answered 201 "revoking"
call POST /v1/sign-offs "{\"agent_id\": \"$agent\", \"week_of\": \"2009-12-14\", \"check_in\": \"monday\"}"
answered 201 "signing off again"

say "All as expected."
