"""Run the rules over a package's layers."""

from collections.abc import Mapping, Sequence

from quyhoach.domain.finding import Finding
from quyhoach.package import Layer
from quyhoach.standard import Standard
from quyhoach.validate.catalogue import RULES
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import Subject


def validate(layers: Mapping[str, Layer], standard: Standard, rules: Sequence[Rule] = RULES) -> tuple[Finding, ...]:
    """What the rules find in the layers of a package, in the order of the rules. Pure: the same layers and standard
    give the same findings. The package's table `plan` gives CRS, extent, code list and kind of plan."""
    subject = Subject(layers, standard)
    return tuple(finding for rule in rules for finding in rule.check(rule, subject))
