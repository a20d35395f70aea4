"""Campaigns: a « campagne » block as a program."""

from dsl.compile.holdout import held_back
from dsl.compile.staying import staying
from dsl.compile.triggers import LineOf, TriggerCompiler
from dsl.program import END, ExitRule, Program, Statement
from dsl.tree.bound import BoundCampaign


def compile_campaign(
    campaign: BoundCampaign, statements: tuple[Statement, ...], line_of: LineOf
) -> Program:
    """The program of a campaign, `statements` being those of its journey (`dsl.compile.journey`)."""
    header = campaign.header
    if header.hourly:
        statements = staying(statements, line_of(campaign.span))
    if header.holding is not None and statements:
        line = line_of(header.holding)
        statements = held_back(statements, header.holdout, campaign.salt, line, header.compared)
    entering, leaving = TriggerCompiler(line_of, "entry/"), TriggerCompiler(line_of, "exit/")
    excluding = TriggerCompiler(line_of, "exclusion/")
    return Program(
        name=campaign.name,
        description=header.description,
        zone=header.zone,
        starts=header.starts,
        ends=header.ends,
        starts_at=header.starts_at,
        ends_at=header.ends_at,
        reentry=header.reentry,
        reentry_delay=header.reentry_delay,
        reentry_property=header.reentry_property,
        restarts=header.restarts,
        hourly=header.hourly,
        timeout=campaign.timeout,
        entries=tuple(one for when in campaign.entries for one in entering.compile(when)),
        exits=tuple(
            ExitRule(outcome, one)
            for outcome, when in campaign.exits
            for one in leaving.compile(when)
        ),
        statements=statements,
        group=header.group,
        priority=header.priority,
        consent=None if header.consent is None else int(header.consent),
        first=0 if statements else END,
        exclusions=tuple(one for when in campaign.exclusions for one in excluding.compile(when)),
    )
