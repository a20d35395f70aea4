"""What a running server knows of itself that is wrong, asked of each of its parts."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass

from relance.concern import Concern
from server.deliveries.deliveries import Deliveries
from server.dispatch.dispatch import Dispatch
from server.engine.engine import Engine
from server.health import running
from server.http.quota import Quota
from server.http.senders import Senders
from server.intake.intake import Intake
from server.orders.publishing import Publishing
from server.reports.glossary import Glossary
from server.supervision import Supervisor
from server.visit_buffer import VisitBuffer


@dataclass(frozen=True, slots=True)
class OwnConcerns:
    """Gathers them as they are when it is called. `prepared`: set once what is published is taken up."""

    prepared: asyncio.Event
    tasks: Supervisor
    publishing: Publishing
    engine: Engine
    dispatch: Dispatch
    deliveries: Deliveries
    senders: Senders
    visit_buffer: VisitBuffer
    intake: Intake
    quota: Quota
    words: Glossary

    def __call__(self) -> Iterator[Concern]:
        """The gravest are not first: whoever shows them sorts them."""
        rules = self.publishing.rules
        yield from running.unread(ready=self.prepared.is_set())
        yield from running.tasks(self.tasks.failing())
        yield from running.unpublished(
            rules.problems, on_saving=rules.on_saving, hindered=rules.hindrance
        )
        yield from running.never_published(never=rules.never, withheld=rules.withheld)
        yield from running.draft_differs(tuple(rules.pending))
        rehearsal = self.publishing.rehearsal
        yield from running.failing_scenarios(rehearsal.places, rehearsal.unplayed)
        yield from running.stopped_rules(self.engine.stopped_rules)
        yield from running.stopped_lists(self.engine.stopped_lists)
        yield from running.cut_channels(self.dispatch.cut(), self.words)
        yield from running.cut_sinks(self.deliveries.cut())
        yield from running.strangers(self.senders.strangers)
        yield from running.hidden(self.senders.hidden)
        yield from running.lost(self.visit_buffer.lost)
        yield from running.crowded(self.intake.queue.refused, full=self.intake.queue.full)
        yield from running.filled(self.quota.reached())
