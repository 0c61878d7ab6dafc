"""Mail: what is sent, what is refused, and what waits."""

from typing import Final

from devstack.dashboards.model import Dashboard, Panel, Row
from devstack.dashboards.pages.promql import above_zero, highest, per_minute, quantiles

MAIL: Final = Dashboard(
    name="mail",
    title="Mail",
    description="Mails that are sent, refused or waiting, and the mail server.",
    rows=(
        Row(
            "The mail server",
            (
                Panel(
                    "The mail server is unreachable, or refuses us",
                    "Normal: no. unreachable: there is no connection. refuses: it refuses us as a "
                    "whole, as when a password has expired. Mails wait meanwhile; none is lost.",
                    "short",
                    {"{{why}}": highest("cppp_mail_server_unusable", "why")},
                    kind="states",
                    meanings={0: ("no", "green"), 1: ("yes", "red")},
                    runbook="services.md#mailserverunusable",
                ),
                Panel(
                    "Time to hand over a mail",
                    "Normal: below a second. It is the server's time: if it rises, mails queue on "
                    "our side.",
                    "s",
                    quantiles("cppp_email_send_duration_seconds"),
                    levels={5: "orange", 30: "red"},
                ),
            ),
        ),
        Row(
            "Sent and refused",
            (
                Panel(
                    "Attempts a minute, by result",
                    "Normal: sent. temporary-failure is tried again for days; permanent-failure is "
                    "final, and the secretariat must tell these applicants otherwise.",
                    "short",
                    {"{{result}}": per_minute("cppp_emails_total", "result")},
                    kind="stack",
                    runbook="promises.md#bounceshigh",
                ),
                Panel(
                    "Refusals a minute, by what they are about",
                    "mailbox: the address. content, policy, domain: us, so act before more are "
                    "refused. server: the whole server. later: it is busy. unclear: read the log.",
                    "short",
                    {
                        "{{about}}": above_zero(
                            per_minute("cppp_email_refusals_total", "about"), "about"
                        )
                    },
                    runbook="promises.md#mailsrefused",
                ),
                Panel(
                    "Sent a minute, by template",
                    "What is told. The mix follows the decisions.",
                    "short",
                    {
                        "{{template}}": per_minute(
                            "cppp_emails_total", "template", where='result="sent"'
                        )
                    },
                    kind="stack",
                ),
                Panel(
                    "Sent a minute, by language",
                    "The language that each contact person has chosen.",
                    "short",
                    {
                        "{{language}}": per_minute(
                            "cppp_emails_total", "language", where='result="sent"'
                        )
                    },
                    kind="stack",
                ),
            ),
        ),
        Row(
            "Waiting",
            (
                Panel(
                    "Notifications waiting, by state",
                    "Normal: few. due grows: the server is slow or away, or a limit holds them. "
                    "waiting-for-contact: the contact has not arrived yet, or was erased.",
                    "short",
                    {"{{state}}": highest("cppp_notifications_waiting", "state")},
                    kind="stack",
                    runbook="mails.md",
                ),
                Panel(
                    "Time from decision to mail",
                    "Promised: 95 % within 10 s.",
                    "s",
                    quantiles("cppp_end_to_end_seconds", 'from="decided",to="mailed"'),
                    levels={10: "orange"},
                    runbook="promises.md#mailslate",
                ),
                Panel(
                    "Held back by a limit",
                    "Share of the time in which our own limit held mails back. Normal: 0; before a "
                    "deadline some. At 1 for long, raise the limit or expect late mails.",
                    "percentunit",
                    {
                        "per {{per}}": "sum by (per) "
                        "(rate(cppp_email_limit_waiting_seconds_total[$__rate_interval]))"
                    },
                ),
                Panel(
                    "Mails today, and the limit",
                    "Attempts of all instances since midnight in Hong Kong, if there is a daily "
                    "limit; 0 without one.",
                    "short",
                    {
                        "today": highest("cppp_emails_begun_today"),
                        "limit per {{per}}": highest("cppp_email_limit", "per", where='per="day"'),
                    },
                ),
            ),
        ),
    ),
)
