"""Names for runs that nobody named."""

from __future__ import annotations

import os

_ADJECTIVES = (
    "amber brisk calm clever cosy crisp dapper eager fleet gentle glad golden hardy jolly keen "
    "lively lucid mellow merry nimble placid plucky quiet rapid rustic serene silent spry steady "
    "sunny swift tidy vivid warm witty zesty"
).split()
_NOUNS = (
    "alder badger birch brook canyon cedar cove creek dell dune falcon fern finch fjord glade "
    "grove harbor heron hill larch lark lynx meadow moor otter owl path peak pine plover ridge "
    "river robin sparrow summit thicket tern vale willow wren"
).split()


def run_name() -> str:
    """Return a name such as ``gentle-otter-412``."""
    # Not from `random`: the user's seeds and random numbers stay as they are.
    number, adjective = divmod(int.from_bytes(os.urandom(8)), len(_ADJECTIVES))
    number, noun = divmod(number, len(_NOUNS))
    return f"{_ADJECTIVES[adjective]}-{_NOUNS[noun]}-{number % 1000}"
