"""Named points where a test can kill the process, to prove that nothing is lost or done twice.

Without `RELANCE_CRASH_AT` in the environment a point costs one look at a module variable.
"""

import os

#: Every point of the main path; the crash test visits each of them once.
CRASH_POINTS = (
    "intake.before_commit",
    "intake.after_commit",
    "engine.before_commit",
    "engine.after_commit",
    "dispatch.before_claim_commit",
    "dispatch.after_claim_commit",
    "dispatch.before_send",
    "dispatch.after_send",
    "dispatch.after_answer_noted",
    "dispatch.before_settle_commit",
    "dispatch.after_settle_commit",
    "life.before_commit",
    "life.after_commit",
    "publish.before_commit",
    "publish.after_commit",
    "rights.before_commit",
    "rights.after_commit",
    "report_mail.before_plan_commit",
    "report_mail.after_plan_commit",
    "report_mail.before_claim_commit",
    "report_mail.after_claim_commit",
    "report_mail.after_send",
    "report_mail.after_answer_noted",
    "report_mail.before_settle_commit",
    "report_mail.after_settle_commit",
)


def _planned() -> tuple[str, int] | None:
    asked = os.environ.get("RELANCE_CRASH_AT")
    if not asked:
        return None
    name, _, times = asked.partition(":")
    return name, int(times or 1)


_plan = _planned()
_passed = 0


def crash_point(name: str) -> None:
    """Die here, as by `kill -9`, if the environment asks for it."""
    global _passed
    if _plan is None or _plan[0] != name:
        return
    _passed += 1
    if _passed >= _plan[1]:
        os._exit(137)
