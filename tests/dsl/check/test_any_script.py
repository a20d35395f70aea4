"""What holds of any script, well written or not."""

from checker_words import campaign, checked
from hypothesis import given, settings
from hypothesis import strategies as st
from script_strategies import bodies, soup

from dsl.check.flow import successors
from dsl.program import END, Await, Jump, Loop, Program
from dsl.program_codec import content_hash, from_json, to_json
from relance.facts import topics

#: Each draw checks a whole script, once or twice; machines under load are slow, not wrong.
FEW = settings(max_examples=25, deadline=None)


def keys(program: Program) -> list[str]:
    return [statement.key for statement in program.statements]


@settings(max_examples=60, deadline=None)
@given(soup())
def test_checking_any_script_never_raises(source: str) -> None:
    found = checked(source)
    for one in found.diagnostics["a"]:
        assert 0 <= one.span.start <= one.span.end <= len(source)
        for fix in one.fixes:
            assert 0 <= fix.span.start <= fix.span.end <= len(source)
    assert bool(found.programs) <= found.ok


@FEW
@given(bodies())
def test_statements_are_linked_and_only_jumps_and_loops_go_back(body: str) -> None:
    for one in checked(campaign(body)).programs:
        laid = one.program.statements
        for index, statement in enumerate(laid):
            for following in successors(statement):
                assert following == END or 0 <= following < len(laid)
                if following != END and not isinstance(statement, Jump | Loop):
                    assert following > index


@FEW
@given(bodies())
def test_every_statement_has_a_key_of_its_own(body: str) -> None:
    for one in checked(campaign(body)).programs:
        assert len(set(keys(one.program))) == len(one.program.statements)


@FEW
@given(bodies())
def test_a_wait_can_always_end(body: str) -> None:
    for one in checked(campaign(body)).programs:
        for statement in one.program.statements:
            if isinstance(statement, Await):
                heard = {
                    topic for branch in statement.branches for topic in topics(branch.condition)
                }
                assert set(statement.topics) == heard
                assert statement.limit is not None or heard


@FEW
@given(bodies())
def test_a_program_comes_back_from_json_the_same(body: str) -> None:
    for one in checked(campaign(body)).programs:
        assert from_json(to_json(one.program)) == one.program


@FEW
@given(bodies())
def test_moving_a_campaign_in_its_file_is_no_edit(body: str) -> None:
    here = checked(campaign(body)).programs
    lower = checked("# Une note\n\n" + campaign(body)).programs
    assert [content_hash(one.program) for one in here] == [
        content_hash(one.program) for one in lower
    ]


@FEW
@given(bodies(), st.booleans())
def test_an_edit_elsewhere_leaves_identities_alone(body: str, before: bool) -> None:
    plain = checked(campaign(body)).programs
    line = "Changer attribut du lead (langue) à (fr)"
    edited = checked(campaign(f"{line}\n{body}" if before else f"{body}\n{line}")).programs
    for one, other in zip(plain, edited, strict=False):
        added = set(keys(other.program)) - set(keys(one.program))
        assert set(keys(one.program)) <= set(keys(other.program))
        assert len(added) == 1
