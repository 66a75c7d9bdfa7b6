"""The periodic work of this app as jobs: each kind is an entry of the schedule in the settings."""

from django.conf import settings

from accounts.job import Job, Produced, Work, drop_expired_files
from accounts.notice.delivery import bundle
from accounts.trail.heads import export_head
from accounts.user.workflow import sweep

TRAIL_HEAD, DROP_FILES, SWEEP, MAIL_DIGEST = "trail_head", "drop_expired_files", "sweep_sessions", "mail_digest"


def trail_head(job: Job) -> Produced:
    """The same hour writes the same file, however often."""
    return Produced({"file": export_head(settings.TRAIL_HEAD_DIR / f"{job.created_at:%Y%m%dT%H}.json").name})


WORK: dict[str, Work] = {
    TRAIL_HEAD: trail_head,
    DROP_FILES: lambda job: lambda: Produced({"files": drop_expired_files()}),
    SWEEP: lambda job: lambda: Produced({"sessions": sweep()}),
    MAIL_DIGEST: lambda job: lambda: Produced({"digests": bundle(at=job.created_at)}),
}
