//! The tables, written by hand, in the order of their columns. A test compares them with both live databases.

#![allow(missing_docs)] // a column says all there is to say

diesel::table! {
    meta (key) {
        key -> Text,
        value -> Text,
    }
}

diesel::table! {
    schema_compat (migration) {
        migration -> Text,
        serves_since -> Text,
    }
}
diesel::table! {
    teams (id) {
        id -> Text,
        parent_id -> Nullable<Text>,
        path -> Text,
        name -> Text,
        time_zone -> Text,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    users (id) {
        id -> Text,
        username -> Text,
        display_name -> Text,
        search -> Text,
        role -> Text,
        status -> Text,
        password_hash -> Text,
        epoch -> Integer,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        agent_code -> Nullable<Text>,
    }
}

diesel::table! {
    memberships (id) {
        id -> Text,
        user_id -> Text,
        team_id -> Text,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
    }
}

diesel::table! {
    settings (id) {
        id -> Text,
        team_id -> Nullable<Text>,
        valid_from -> Date,
        document -> Text,
        actor_id -> Nullable<Text>,
        recorded_at -> Timestamp,
        agent_id -> Nullable<Text>,
    }
}

diesel::table! {
    cycle_declarations (id) {
        id -> Text,
        agent_id -> Text,
        valid_from -> Date,
        cycle_days -> Integer,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    prospects (id) {
        id -> Text,
        owner_id -> Text,
        version -> Integer,
        stage -> Text,
        pursuit_number -> Integer,
        card -> Text,
        falls_back_on -> Nullable<Date>,
        next_review_on -> Nullable<Date>,
        next_appointment_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
        erased_at -> Nullable<Timestamp>,
        verified_stage -> Nullable<Text>,
        is_claimed -> Bool,
        times_transferred -> Integer,
        attention_on -> Nullable<Date>,
        fallback_proposed -> Bool,
        extension_pending -> Bool,
    }
}

diesel::table! {
    pursuits (id) {
        id -> Text,
        prospect_id -> Text,
        number -> Integer,
        opened_on -> Date,
        ended_on -> Nullable<Date>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    transitions (id) {
        id -> Text,
        prospect_id -> Text,
        seq -> Integer,
        kind -> Text,
        pursuit_number -> Integer,
        from_stage -> Nullable<Text>,
        to_stage -> Text,
        path -> Text,
        reason -> Text,
        pass_through -> Bool,
        occurred_on -> Date,
        recorded_at -> Timestamp,
        recorded_on -> Date,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        group_id -> Text,
        cancels -> Nullable<Text>,
        cycle_days -> Integer,
        criteria -> Text,
    }
}

diesel::table! {
    facts (id) {
        id -> Text,
        prospect_id -> Text,
        seq -> Integer,
        after_transition -> Integer,
        pursuit_number -> Integer,
        group_id -> Text,
        occurred_on -> Date,
        recorded_at -> Timestamp,
        recorded_on -> Date,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        replaces -> Nullable<Text>,
        kind -> Text,
        body -> Text,
    }
}

diesel::table! {
    evidence (subject_id) {
        subject_id -> Text,
        prospect_id -> Text,
        content -> Text,
    }
}

diesel::table! {
    deals (id) {
        id -> Text,
        pursuit_id -> Text,
        prospect_id -> Text,
        agent_id -> Text,
        pursuit_number -> Integer,
        first_meeting_on -> Date,
        signed_on -> Date,
        closed_on -> Date,
        counts_from -> Date,
        counts_until -> Nullable<Date>,
    }
}

diesel::table! {
    placements (prospect_id, position) {
        prospect_id -> Text,
        position -> Integer,
        owner_id -> Text,
        from_on -> Date,
        until_on -> Date,
        stage -> Text,
        verified_stage -> Text,
        is_claimed -> Bool,
    }
}

diesel::table! {
    board_counts (owner_id, stage, verified_stage, is_claimed) {
        owner_id -> Text,
        stage -> Text,
        verified_stage -> Text,
        is_claimed -> Bool,
        n -> Integer,
    }
}

diesel::table! {
    standings (prospect_id, position) {
        prospect_id -> Text,
        position -> Integer,
        owner_id -> Text,
        from_on -> Date,
        until_on -> Date,
        stage -> Text,
        entered_on -> Date,
        is_entry -> Bool,
        stage_before -> Nullable<Text>,
        pass_through -> Bool,
        recorded_on -> Nullable<Date>,
        pursuit_number -> Integer,
        first_fixed_on -> Nullable<Date>,
        first_meeting_on -> Nullable<Date>,
        clock_started_on -> Nullable<Date>,
        extension_days -> Integer,
    }
}

diesel::table! {
    appointments (prospect_id, position) {
        prospect_id -> Text,
        position -> Integer,
        appointment_id -> Text,
        owner_id -> Text,
        pursuit_number -> Integer,
        kind -> Text,
        fixed_on -> Date,
        starts_at -> Timestamp,
        day -> Date,
        outcome -> Text,
        deferrals -> Integer,
        set_by -> Text,
        settled_by -> Nullable<Text>,
        settled_recorded_on -> Nullable<Date>,
        joint_visit_with -> Nullable<Text>,
    }
}

diesel::table! {
    sale_flows (prospect_id, position) {
        prospect_id -> Text,
        position -> Integer,
        owner_id -> Text,
        day -> Date,
        kind -> Text,
        amount_minor -> BigInt,
        recorded_on -> Nullable<Date>,
    }
}

diesel::table! {
    activities (id) {
        id -> Text,
        agent_id -> Text,
        prospect_id -> Nullable<Text>,
        kind -> Text,
        outcome -> Nullable<Text>,
        occurred_on -> Date,
        occurred_at -> Nullable<Timestamp>,
        recorded_at -> Timestamp,
        recorded_on -> Date,
        withdrawn_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    activity_texts (activity_id) {
        activity_id -> Text,
        prospect_id -> Nullable<Text>,
        content -> Text,
    }
}

diesel::table! {
    activity_tallies (id) {
        id -> Text,
        agent_id -> Text,
        day -> Date,
        version -> Integer,
        dials -> Integer,
        connects -> Integer,
        appointments_set -> Integer,
        refused -> Integer,
        visits -> Integer,
        messages -> Integer,
        recorded_at -> Timestamp,
        recorded_on -> Date,
    }
}

diesel::table! {
    sign_offs (id) {
        id -> Text,
        agent_id -> Text,
        week_from -> Date,
        sheet_week_start -> Text,
        check_in -> Text,
        attempt -> Integer,
        block_from -> Date,
        block_to -> Date,
        figures -> Text,
        signed_by -> Text,
        signed_at -> Timestamp,
    }
}

diesel::table! {
    sign_off_revocations (sign_off_id) {
        sign_off_id -> Text,
        revoked_by -> Text,
        revoked_at -> Timestamp,
    }
}

diesel::table! {
    sign_off_texts (sign_off_id) {
        sign_off_id -> Text,
        content -> Text,
    }
}

diesel::table! {
    calendar_feeds (id) {
        id -> Text,
        user_id -> Text,
        token_hash -> Text,
        language -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    login_failures (subject, hour) {
        subject -> Text,
        hour -> Timestamp,
        failures -> Integer,
    }
}

diesel::table! {
    login_addresses (user_id, address_hash) {
        user_id -> Text,
        address_hash -> Text,
        last_at -> Timestamp,
    }
}

diesel::table! {
    service_clients (id) {
        id -> Text,
        name -> Text,
        scopes -> Text,
        status -> Text,
        epoch -> Integer,
        version -> Integer,
        created_by -> Nullable<Text>,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    service_client_secrets (id) {
        id -> Text,
        client_id -> Text,
        place -> Integer,
        hash -> Text,
        created_at -> Timestamp,
        last_used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    audit (id) {
        id -> Text,
        at -> Timestamp,
        actor_kind -> Text,
        actor_id -> Nullable<Text>,
        action -> Text,
        subject_kind -> Text,
        subject_id -> Text,
        details -> Text,
        matter_kind -> Text,
        matter_id -> Nullable<Text>,
        takes_before -> Nullable<Timestamp>,
    }
}

diesel::table! {
    transfers (id) {
        id -> Text,
        to_agent_id -> Text,
        transferred_on -> Date,
        recorded_by -> Text,
        recorded_at -> Timestamp,
    }
}

diesel::table! {
    transfer_texts (transfer_id) {
        transfer_id -> Text,
        content -> Text,
    }
}

diesel::table! {
    ownerships (prospect_id, position) {
        prospect_id -> Text,
        position -> Integer,
        transfer_id -> Text,
        from_agent_id -> Text,
        to_agent_id -> Text,
        valid_from -> Date,
    }
}

diesel::table! {
    refresh_families (id) {
        id -> Text,
        user_id -> Text,
        created_at -> Timestamp,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Text,
        family_id -> Text,
        issued_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    prospect_people (prospect_id) {
        prospect_id -> Text,
        name -> Text,
        search -> Text,
        phones -> Text,
        source -> Nullable<Text>,
        referrer -> Nullable<Text>,
        occupation -> Nullable<Text>,
        birthday -> Nullable<Date>,
        decision_role -> Text,
        co_deciders -> Text,
        tags -> Text,
        tags_compared -> Text,
        notes -> Nullable<Text>,
        consent_given_on -> Nullable<Date>,
        consent_channel -> Nullable<Text>,
    }
}

diesel::table! {
    prospect_phones (id) {
        id -> Text,
        prospect_id -> Text,
        owner_id -> Text,
        phone_hmac -> Text,
        last_four -> Text,
    }
}

diesel::table! {
    idempotent_answers (id) {
        id -> Text,
        caller_id -> Text,
        route -> Text,
        key -> Text,
        request_hash -> Text,
        status -> Integer,
        headers -> Text,
        body -> Text,
        prospect_ids -> Text,
        expires_at -> Timestamp,
    }
}

diesel::table! {
    products (id) {
        id -> Text,
        code -> Text,
        name -> Text,
        payment_terms -> Text,
        valid_from -> Date,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    cooling_off_rules (id) {
        id -> Text,
        product_code -> Text,
        channel -> Text,
        days -> Integer,
        valid_from -> Date,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    premium_factors (id) {
        id -> Text,
        product_code -> Text,
        term_years -> Integer,
        factor_millionths -> Integer,
        valid_from -> Date,
        version -> Integer,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        tx -> BigInt,
        at -> Timestamp,
        topic -> Text,
        subject_id -> Text,
        version -> Nullable<Integer>,
        audience -> Text,
        audience_id -> Nullable<Text>,
        without_id -> Nullable<Text>,
        details -> Text,
    }
}

diesel::table! {
    webhooks (id) {
        id -> Text,
        user_id -> Text,
        url -> Text,
        topics -> Text,
        status -> Text,
        disabled_because -> Nullable<Text>,
        secret_number -> Integer,
        overlap_until -> Nullable<Timestamp>,
        failing_since -> Nullable<Timestamp>,
        rests_until -> Nullable<Timestamp>,
        position_tx -> BigInt,
        position_id -> Text,
        lease_epoch -> Integer,
        leased_until -> Nullable<Timestamp>,
        version -> Integer,
        created_at -> Timestamp,
        updated_at -> Timestamp,
    }
}

diesel::table! {
    applications (id) {
        id -> Text,
        prospect_id -> Text,
        pursuit_number -> Integer,
        application_number -> Nullable<Text>,
        policy_number -> Nullable<Text>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    webhook_deliveries (id) {
        id -> Text,
        webhook_id -> Text,
        message_id -> Text,
        topic -> Text,
        body -> Text,
        status -> Text,
        attempts -> Integer,
        next_at -> Nullable<Timestamp>,
        answered -> Nullable<Integer>,
        failure -> Nullable<Text>,
        created_at -> Timestamp,
        ended_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    policy_events (id) {
        id -> Text,
        client_id -> Text,
        sender_id -> Text,
        digest -> Text,
        event_type -> Text,
        occurred_at -> Timestamp,
        application_number -> Nullable<Text>,
        policy_number -> Nullable<Text>,
        named_prospect_id -> Nullable<Text>,
        agent_code -> Nullable<Text>,
        agent_id -> Nullable<Text>,
        product_code -> Nullable<Text>,
        channel -> Nullable<Text>,
        payment_term_years -> Nullable<Integer>,
        amount_minor -> Nullable<BigInt>,
        standard_premium_minor -> Nullable<BigInt>,
        signed_on -> Nullable<Date>,
        received_at -> Timestamp,
        status -> Text,
        waits_for -> Nullable<Text>,
        matched_by -> Nullable<Text>,
        matched_prospect_id -> Nullable<Text>,
        application_id -> Nullable<Text>,
        held_back -> Bool,
    }
}

diesel::table! {
    policy_event_people (event_id) {
        event_id -> Text,
        client_phone -> Nullable<Text>,
        phone_hmac -> Nullable<Text>,
        last_four -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    policy_event_decisions (id) {
        id -> Text,
        event_id -> Text,
        kind -> Text,
        prospect_id -> Nullable<Text>,
        decided_by -> Text,
        decided_at -> Timestamp,
    }
}

diesel::table! {
    policy_event_texts (decision_id) {
        decision_id -> Text,
        content -> Text,
    }
}

diesel::joinable!(webhook_deliveries -> webhooks (webhook_id));
diesel::joinable!(refresh_tokens -> refresh_families (family_id));
diesel::joinable!(refresh_families -> users (user_id));
diesel::joinable!(memberships -> teams (team_id));
diesel::joinable!(memberships -> users (user_id));
diesel::joinable!(service_client_secrets -> service_clients (client_id));
diesel::joinable!(pursuits -> prospects (prospect_id));
diesel::joinable!(transitions -> prospects (prospect_id));
diesel::joinable!(facts -> prospects (prospect_id));
diesel::joinable!(evidence -> prospects (prospect_id));
diesel::joinable!(appointments -> prospects (prospect_id));

diesel::allow_tables_to_appear_in_same_query!(
    teams,
    users,
    memberships,
    settings,
    cycle_declarations,
    prospects,
    pursuits,
    transitions,
    facts,
    evidence,
    deals,
    board_counts,
    placements,
    standings,
    appointments,
    sale_flows,
    activities,
    activity_texts,
    activity_tallies,
    sign_offs,
    sign_off_revocations,
    sign_off_texts,
    calendar_feeds,
    transfers,
    transfer_texts,
    ownerships,
    audit,
    service_clients,
    service_client_secrets,
    outbox,
    webhooks,
    webhook_deliveries,
    refresh_families,
    refresh_tokens,
    idempotent_answers,
    prospect_people,
    prospect_phones,
    applications,
    policy_events,
    policy_event_people,
    policy_event_decisions,
    policy_event_texts,
);
