"""What is wrong with a plan package: rules with numbers, run over its layers; reports for people."""

from quyhoach.validate.catalogue import RULES
from quyhoach.validate.engine import validate
from quyhoach.validate.faults_dxf import write_faults_dxf
from quyhoach.validate.recorded import recorded_findings
from quyhoach.validate.report import html_report
from quyhoach.validate.rule import Rule
from quyhoach.validate.subject import Subject

__all__ = ["RULES", "Rule", "Subject", "html_report", "recorded_findings", "validate", "write_faults_dxf"]
