"""A real mail sink, for the messages that publications hold."""

from tests.email.conftest import sink as sink
