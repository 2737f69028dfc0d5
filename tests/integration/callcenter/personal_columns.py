"""Which columns may hold what tells of a person: every column of text or bytes is in one of these lists.

A column that is new has to be put into one of them, and with that somebody has thought of who is removed.
"""

from __future__ import annotations

#: A person's name, number, e-mail address or words about him: what the removal of a person clears.
CLEARED = {
    "addresses_address": "name contact_person department subdepartment address_supplement street postcode city email "
    "website salutation vat_id customer_number supplier_number external_id delivery_block_reason notes name_key "
    "city_key customer_key search_text email_key vat_key",
    "addresses_contact": "name position department email name_key search_text email_key",
    "addresses_correction": "before after",
    "addresses_import_failure": "cells problems",
    "addresses_import_piece": "content",
    "addresses_note": "number_raw number_e164 subject text tags",
    "addresses_note_draft": "fields",
    "addresses_number": "raw e164 label extension stem",
    "addresses_repeated": "e164",
    "addresses_search": "text",
    "addresses_spelling": "spelling word",
    "addresses_word": "word written",
    "callcenter_account": "uid",
    "callcenter_block_entry": "low high note",
    "callcenter_call": "external_id remote_raw remote_e164 matches choices control",
    "callcenter_call_change": "before after undo",
    "callcenter_call_event": "content remote first second",
    "callcenter_callback": "number_raw e164 party open_party name reason comment",
    "callcenter_dial_order": "target_raw target_e164",
    "callcenter_doubtful_entry": "remote account",
    "callcenter_notification": "query headers body reason answer",
    "callcenter_pbx_user": "uid name extension caller_id email",
    "callcenter_rematch": "number",
    "callcenter_remembered": "number name company",
    "core_api_token": "name token_hash",
    "core_login_session": "id browser system address",
    "core_removal": "open_key removal",
    "core_user": "username username_key name email password_hash permissions",
    "core_user_setting": "value",
}
#: May name a person, and stays; docs/privacy.md says why and for how long.
KEPT = {
    "addresses_import": "file_name plan",
    "callcenter_audit": "user_name account number before after",
    "callcenter_control_rule": "name conditions action",
    "callcenter_line": "number key name",
    "callcenter_pbx_line": "number name",
    "callcenter_refusal": "remote_addr",
    "core_setting": "value",
}
#: Words and keys of ours, the house's own telephones and lines, and digests that tell nothing.
NOTHING = {
    "addresses_address": "kind country language",
    "addresses_counter": "series",
    "addresses_correction": "finding batch",
    "addresses_import": "state totals worker",
    "addresses_note": "kind origin direction submission",
    "addresses_note_draft": "about open_about kind origin submission",
    "addresses_number": "kind problem finding",
    "addresses_repeated": "reach owners",
    "callcenter_account": "connection",
    "callcenter_audit": "kind result code rule",
    "callcenter_block_entry": "connection kind",
    "callcenter_call": "connection provider direction phase outcome remote_kind line_raw line_key peer answered_by "
    "grade decision",
    "callcenter_call_change": "cause scope",
    "callcenter_call_event": "kind peer outcome direction line",
    "callcenter_call_taker": "line_key",
    "callcenter_callback": "kind state line_key done_how",
    "callcenter_callback_call": "deed",
    "callcenter_comparison": "connection error",
    "callcenter_connection": "key provider name token_digest token",
    "callcenter_control_rule": "connection",
    "callcenter_dial_order": "connection idempotency_key account state error",
    "callcenter_doubtful_entry": "connection key direction line outcome doubt state",
    "callcenter_group": "name name_key",
    "callcenter_line": "connection",
    "callcenter_notification": "connection provider remote_addr state event spool_key",
    "callcenter_pbx_line": "connection",
    "callcenter_pbx_user": "connection type automatic_prefix blocked_prefixes",
    "callcenter_purged_call": "digest",
    "callcenter_refusal": "connection provider reason",
    "callcenter_rematch": "cause",
    "core_api_token": "scope",
    "core_job": "name last_error",
    "core_module": "name",
    "core_removal": "submission kind holder counts",
    "core_retention_run": "name holder counts",
    "core_setting": "module name",
    "core_user": "role language timezone theme",
    "core_user_setting": "module name",
    "core_version": "name",
}
#: Of all of these, what opens something: kept hashed or encrypted, never shown again.
SECRET = {
    "callcenter_connection": "token_digest token",
    "core_api_token": "token_hash",
    "core_login_session": "id",
    "core_setting": "value",
    "core_user": "password_hash",
}


def listed(columns: dict[str, str]) -> set[str]:
    """As ``table.column``."""
    return {f"{table}.{name}" for table, names in columns.items() for name in names.split()}
