"""A real mail sink, to see what leaves after a restoration."""

from tests.email.conftest import sink as sink
