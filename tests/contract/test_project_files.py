"""The files of a project as plugins are handed them."""

from relance import ProjectFiles

FILES = ProjectFiles.of(
    {
        "sms/b.txt": "B\r\n",
        "été/sms/hiver/a.txt": "\ufeffA",
        "sms.txt": "dehors",
        "sms/c.md": "autre sorte",
        "sms/d.txt": b"\xff",
    }
)


def test_the_files_of_a_kind_are_those_below_its_folders_that_end_so() -> None:
    assert list(FILES.inside("sms", ".txt")) == ["sms/b.txt", "sms/d.txt", "été/sms/hiver/a.txt"]


def test_a_text_is_read_as_its_author_wrote_it_or_is_none() -> None:
    assert dict(FILES.texts("sms", ".txt", 10)) == {
        "sms/b.txt": "B\n",
        "été/sms/hiver/a.txt": "A",
    }
    assert FILES.text("sms/b.txt", 2) is None
    assert FILES.text("rien", 10) is None


def test_a_digest_tells_names_and_contents_apart() -> None:
    one = ProjectFiles.of({"a": "bc"})
    assert one.digest == ProjectFiles.of({"a": b"bc"}).digest
    assert one.digest != ProjectFiles.of({"ab": "c"}).digest
    assert one.keeping({"a": b"x"}).contents == {"a": b"x"}
